"""Events read, checked and added up by app, operation and hour, as fast as Python does it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Set
from dataclasses import dataclass
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import orjson

from usage.event import Event, Malformed, checked, decode
from usage.latency import BUCKETS, bucket
from usage.periods import hour_start
from usage.rows import Row

Clock = Callable[[int, float], tuple[datetime, date, date]]
Key = tuple[int, int, str, str, str, datetime, date, date]
Sums = dict[Key, list[int]]

FIGURES = 5  # calls, errors, latency, request bytes, answer bytes; then the latency buckets
NOTHING = [0] * (FIGURES + BUCKETS)


@dataclass(frozen=True, slots=True)
class Batch:
    """What stood in `size` texts. `lost` are the ids of those that were sent again because the server had
    lost them."""

    size: int
    events: dict[str, Event]  # by id
    unreadable: int
    lost: Set[str] = frozenset()


def read_batch(texts: list[bytes], *, lost: Set[bytes] = frozenset()) -> Batch:
    events, unreadable = _read(texts)
    return Batch(len(texts), events, unreadable, _read([*lost])[0].keys())


def _read(texts: list[bytes]) -> tuple[dict[str, Event], int]:
    """All are parsed in one go; if that fails, one by one."""
    events: dict[str, Event] = {}
    unreadable = 0
    try:
        parsed = orjson.loads(b"[" + b",".join(texts) + b"]")
    except orjson.JSONDecodeError:
        parsed = []
    for number, text in enumerate(texts):
        try:
            event = checked(parsed[number]) if len(parsed) == len(texts) else decode(text)
        except Malformed:
            unreadable += 1
        else:
            events.setdefault(event.id, event)
    return events, unreadable


def clock(zones: dict[int, ZoneInfo]) -> Clock:
    """Hour, day and month of an instant for a tenant; clocks change on whole minutes: one look a minute."""
    seen: dict[tuple[int, int], tuple[datetime, date, date]] = {}

    def read(tenant: int, at: float) -> tuple[datetime, date, date]:
        minute = (tenant, int(at // 60))
        found = seen.get(minute)
        if found is None:
            moment = datetime.fromtimestamp(minute[1] * 60, UTC)
            day = moment.astimezone(zones[tenant]).date()
            found = seen[minute] = (hour_start(moment, zones[tenant]), day, day.replace(day=1))
        return found

    return read


def add_up(events: Iterable[Event], clock: Clock) -> Sums:
    hours: Sums = {}
    for event in events:
        _, at, tenant, app, api, operation, environment, _, status, latency, asked, answered, _ = event
        key = (tenant, app, api, operation, environment, *clock(tenant, at))
        sums = hours.get(key)
        if sums is None:
            sums = hours[key] = NOTHING.copy()
        sums[0] += 1
        if status >= 400:
            sums[1] += 1
        sums[2] += latency
        sums[3] += asked
        sums[4] += answered
        sums[FIGURES + bucket(latency)] += 1
    return hours


def rows(sums: Sums) -> Iterable[Row]:
    for key, values in sums.items():
        yield (*key, *values)
