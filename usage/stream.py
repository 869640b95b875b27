"""The stream of calls as the roll-up sees it."""

from __future__ import annotations

import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from redis.exceptions import RedisError, ResponseError

from portal import valkey
from usage.event import EPOCH, STREAM

NAME = STREAM
Confirmed = tuple[bytes, bytes]  # entry id, event
AT_RISK = 5  # seconds; a server that syncs its file every second may lose two when it is killed
COUNTED_BY = 43_200  # seconds; less than the request log is kept, by which repeated events are recognised


@dataclass(frozen=True, slots=True)
class Found:
    """One look: all of it from the same instant."""

    epoch: str  # random; another one when the server was emptied or the stream replaced
    added: int  # entries ever written to this stream
    removed: int  # of these, no longer there
    newest: str  # the highest entry id ever given
    entries: list[tuple[str, bytes]]  # (entry id, event)
    lost: frozenset[bytes] = frozenset()  # events sent again because the server was found without them


def read(*, after: str, count: int) -> Found:
    """Up to `count` entries behind entry `after`. Raises redis errors."""
    pipeline = valkey.client().pipeline(transaction=True)
    pipeline.set(EPOCH, secrets.token_hex(8), nx=True)
    pipeline.get(EPOCH)
    pipeline.xrange(STREAM, min=f"({after}", max="+", count=count)
    pipeline.xinfo_stream(STREAM)
    _, epoch, entries, about = pipeline.execute(raise_on_error=False)
    for answer in (epoch, entries):
        if isinstance(answer, RedisError):
            raise answer
    if isinstance(about, ResponseError):  # there is no stream yet, or no longer
        return Found(epoch.decode(), 0, 0, "0-0", [])
    return Found(
        epoch.decode(),
        about["entries-added"],
        about["entries-added"] - about["length"],
        about["last-generated-id"].decode(),
        [(entry.decode(), fields.get(b"e", b"")) for entry, fields in entries],
        frozenset(fields.get(b"e", b"") for _, fields in entries if b"lost" in fields)
        - {fields.get(b"e", b"") for _, fields in entries if b"lost" not in fields},
    )


def at_risk(confirmed: Sequence[Confirmed]) -> list[Confirmed]:
    """The newest AT_RISK seconds of what stands in the order of its writing.

    What is older than COUNTED_BY was counted and trimmed, and is not looked for.
    """
    newest, _ = order(confirmed[-1][0].decode())
    since = max(newest - AT_RISK * 1000, (time.time() - COUNTED_BY) * 1000)
    return [one for one in confirmed if order(one[0].decode())[0] >= since]


def missing(confirmed: Sequence[Confirmed]) -> list[bytes]:
    """The events whose entries are no longer there. Raises redis errors."""
    found: Any = valkey.client().xrange(STREAM, min=confirmed[0][0], max=confirmed[-1][0])
    there = {entry for entry, _ in found}
    return [event for entry, event in confirmed if entry not in there]


def trim(*, before: str, seconds: int) -> None:
    """Drops what is older than `seconds` before an entry that is counted. Never by size: that loses calls."""
    milliseconds, _ = order(before)
    valkey.client().xtrim(STREAM, minid=f"{max(0, milliseconds - seconds * 1000)}-0", approximate=True)


def order(entry: str) -> tuple[int, int]:
    milliseconds, _, number = entry.partition("-")
    return int(milliseconds), int(number)
