"""The meter: one event per gateway call, kept somewhere safe before the answer leaves."""

from __future__ import annotations

import logging
import threading
from collections import deque

from redis.exceptions import RedisError

from portal import valkey
from usage import spool, stream
from usage.event import STREAM, Call, Environment, encode

__all__ = ["STREAM", "Call", "Environment", "confirmed", "encode", "record"]

log = logging.getLogger(__name__)
_drain_due = True  # a process that died may have left a spool on this machine

KEPT = 10_000  # events: more than a process writes in the second that a killed server may lose
_kept: deque[stream.Confirmed] = deque(maxlen=KEPT)  # by the server
_run = ""  # of the server that confirmed them


def record(call: Call) -> None:
    """Never raises. One round trip; at most 50 ms and a line on disk when the server is away."""
    try:
        _record(encode(call))
    except Exception:
        log.exception("usage.call_lost", extra={"request_id": call.request_id})


def _record(event: bytes) -> None:
    global _drain_due
    try:
        entry = valkey.command("XADD", STREAM, "*", "e", event)
    except valkey.Away as away:
        spool.append(event, is_doubtful=away.doubtful)
        _drain_due = True
    except RedisError:  # refused by the server itself, such as out of memory
        spool.append(event, is_doubtful=False)
        _drain_due = True
    else:
        confirmed(entry, event)
        if _drain_due:
            _drain_due = False
            threading.Thread(target=_drain, name="usage-spool", daemon=True).start()


def confirmed(entry: bytes, event: bytes) -> None:
    """The server has written the event. When it turns out to have been started anew since, it is asked
    whether it still has what it confirmed last."""
    global _kept, _run
    if valkey.run != _run:
        before, _kept, _run = [*_kept], deque(maxlen=KEPT), valkey.run
        if before:
            threading.Thread(target=_repeat, args=[before], name="usage-repeat", daemon=True).start()
    _kept.append((entry, event))


def _repeat(confirmed: list[stream.Confirmed]) -> None:
    """Spools again what is no longer there: first on disk, as the server may go away once more."""
    suspects = stream.at_risk(confirmed)
    try:
        missing = stream.missing(suspects) if suspects else []
    except RedisError:
        missing = [event for _, event in suspects]  # what is there after all counts once all the same
    if missing:
        log.error("usage.entries_lost", extra={"calls": len(missing)})
        spool.append_lost(missing)
        _drain()


def _drain() -> None:
    global _drain_due
    try:
        spool.drain()
    except (RedisError, OSError):
        _drain_due = True  # the beat task and the next good call try again
