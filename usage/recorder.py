"""The meter: one event per gateway call, kept somewhere safe before the answer leaves."""

from __future__ import annotations

import logging
import threading

from redis.exceptions import RedisError

from portal import valkey
from usage import spool
from usage.event import STREAM, Call, Environment, encode

__all__ = ["STREAM", "Call", "Environment", "encode", "record"]

log = logging.getLogger(__name__)
_drain_due = True  # a process that died may have left a spool on this machine


def record(call: Call) -> None:
    """Never raises. One round trip; at most 50 ms and a line on disk when the server is away."""
    try:
        _record(encode(call))
    except Exception:
        log.exception("usage.call_lost", extra={"request_id": call.request_id})


def _record(event: bytes) -> None:
    global _drain_due
    try:
        valkey.command("XADD", STREAM, "*", "e", event)
    except valkey.Away as away:
        spool.append(event, is_doubtful=away.doubtful)
        _drain_due = True
    except RedisError:  # refused by the server itself, such as out of memory
        spool.append(event, is_doubtful=False)
        _drain_due = True
    else:
        if _drain_due:
            _drain_due = False
            threading.Thread(target=_drain, name="usage-spool", daemon=True).start()


def _drain() -> None:
    global _drain_due
    try:
        spool.drain()
    except (RedisError, OSError):
        _drain_due = True  # the beat task and the next good call try again
    finally:
        valkey.hang_up()
