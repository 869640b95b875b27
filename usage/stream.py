"""The stream of calls as the roll-up sees it."""

from __future__ import annotations

import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, cast

from redis.exceptions import RedisError, ResponseError

from portal import valkey
from usage.event import EPOCH, STREAM

NAME = STREAM
SEEN = "usage:seen"
Confirmed = tuple[bytes, bytes]  # entry id, event
AT_RISK = 5  # seconds; a server that syncs its file every second may lose two when it is killed
COUNTED_BY = 43_200  # seconds; less than the request log is kept, by which repeated events are recognised


@dataclass(frozen=True, slots=True)
class Found:
    """One look: but for run_id all of it from the same instant."""

    at: float  # epoch seconds; what was written before stands here
    epoch: str  # random; another one when the server was emptied or the stream replaced
    run_id: str  # of the server; another one when it was started anew; "" where it is not told
    started: datetime  # the server
    shutdown: str  # the run_id whose shutdown was announced last
    seen: datetime | None  # when the roll-up last was here
    added: int  # entries ever written to this stream
    removed: int  # of these, no longer there
    newest: str  # the highest entry id ever given
    position: str  # of the last of `texts`
    texts: list[bytes]  # events
    lost: frozenset[bytes]  # of `texts`, those sent again because the server was found without them


def read(*, after: str, count: int) -> Found:
    """Up to `count` entries behind entry `after`. Raises redis errors."""
    at = time.time()
    run_id, started = _server()
    pipeline: Any = valkey.client().pipeline(transaction=True)
    # Entries as the server sends them: redis-py's own reading of them takes longer than all the rest.
    pipeline.response_callbacks = {**pipeline.response_callbacks, "XRANGE": _as_sent}
    pipeline.set(EPOCH, secrets.token_hex(8), nx=True)
    pipeline.get(EPOCH)
    pipeline.mget(SEEN, valkey.SHUTDOWN)
    pipeline.xrange(STREAM, min=f"({after}", max="+", count=count)
    pipeline.xinfo_stream(STREAM)
    _, epoch, (seen, shutdown), entries, about = pipeline.execute(raise_on_error=False)
    for answer in (epoch, entries):
        if isinstance(answer, RedisError):
            raise answer
    if isinstance(about, ResponseError):  # there is no stream yet, or no longer
        about = {"entries-added": 0, "length": 0, "last-generated-id": b"0-0"}
    found = [fields[1] if fields[0] == b"e" else b"" for _, fields in entries]
    repeated = {fields[1] for _, fields in entries if b"lost" in fields[2::2]}
    first = {fields[1] for _, fields in entries if b"lost" not in fields[2::2]} if repeated else set()
    return Found(
        at=at,
        epoch=epoch.decode(),
        run_id=run_id,
        started=started,
        shutdown=(shutdown or b"").decode(),
        seen=_moment(seen),
        added=about["entries-added"],
        removed=about["entries-added"] - about["length"],
        newest=about["last-generated-id"].decode(),
        position=entries[-1][0].decode() if entries else after,
        texts=found,
        lost=frozenset(repeated - first),
    )


def _server() -> tuple[str, datetime]:
    """Its run_id and when it was started. Some hosts forbid the question."""
    try:
        server = valkey.client().info("server")
    except ResponseError:
        server = {}
    started = time.time() - server.get("uptime_in_seconds", 0)
    return server.get("run_id", ""), datetime.fromtimestamp(started, UTC)


def _as_sent(entries: list[Any], **_: Any) -> list[Any]:
    return entries


def seen() -> datetime | None:
    """When the roll-up last was here. Raises redis errors."""
    return _moment(cast("bytes | None", valkey.client().get(SEEN)))


def _moment(seconds: bytes | None) -> datetime | None:
    return datetime.fromtimestamp(float(seconds), UTC) if seconds else None


def note_seen(at: float) -> None:
    """Bounds the stretch that a later loss of the newest entries can touch. Raises redis errors."""
    valkey.client().set(SEEN, repr(at))


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
