"""The stream of calls as the roll-up sees it."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from redis.exceptions import RedisError, ResponseError

from portal import valkey
from usage.event import EPOCH, STREAM

NAME = STREAM


@dataclass(frozen=True, slots=True)
class Found:
    """One look: all of it from the same instant."""

    epoch: str  # random; another one when the server was emptied or the stream replaced
    added: int  # entries ever written to this stream
    removed: int  # of these, no longer there
    newest: str  # the highest entry id ever given
    entries: list[tuple[str, bytes]]  # (entry id, event)


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
    )


def trim(*, before: str, seconds: int) -> None:
    """Drops what is older than `seconds` before an entry that is counted. Never by size: that loses calls."""
    milliseconds, _ = order(before)
    valkey.client().xtrim(STREAM, minid=f"{max(0, milliseconds - seconds * 1000)}-0", approximate=True)


def order(entry: str) -> tuple[int, int]:
    milliseconds, _, number = entry.partition("-")
    return int(milliseconds), int(number)
