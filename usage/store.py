"""Events into rows: the request log and three grains of totals. Runs inside the roll-up's transaction."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from django.db import IntegrityError, transaction
from django.utils import timezone

from apps.models import App
from usage.event import Event, Malformed, decode
from usage.latency import BUCKETS, bucket
from usage.models import DayAppTotal, DayTotal, Gap, HourTotal, RequestLog
from usage.periods import hour_start
from usage.rows import Row, add, insert

log = logging.getLogger(__name__)

Clock = Callable[[int, float], tuple[datetime, date]]
Sums = dict[tuple[object, ...], list[int]]

LOG_COLUMNS = (
    *("event", "at", "tenant_id", "app_id", "api", "operation", "environment", "method", "status"),
    *("latency_us", "request_bytes", "answer_bytes", "request_id"),
)
FIGURES = 5  # calls, errors, latency, request bytes, answer bytes; then the latency buckets


@dataclass(frozen=True, slots=True)
class Counted:
    counted: int
    repeated: int
    unreadable: int
    orphaned: int


def count_events(texts: list[bytes]) -> Counted:
    """Adds a batch to every table. Events seen before are left out; odd ones are told of by a Gap row."""
    events, unreadable = _decoded(texts)
    zones = _zones({event.app_id for event in events.values()})
    known = [event for event in events.values() if (event.tenant_id, event.app_id) in zones]
    fresh = _log(known)
    _add_up(fresh, _clock({tenant: zone for (tenant, _), zone in zones.items()}))
    orphaned = len(events) - len(known)
    for calls, reason in ((unreadable, Gap.Reason.UNREADABLE), (orphaned, Gap.Reason.UNKNOWN_APP)):
        if calls:
            log.error("usage.gap", extra={"reason": str(reason), "calls": calls})
            now = timezone.now()
            Gap.objects.create(began=now, ended=now, reason=reason, calls=calls)
    return Counted(len(fresh), len(texts) - unreadable - orphaned - len(fresh), unreadable, orphaned)


def _decoded(texts: list[bytes]) -> tuple[dict[str, Event], int]:
    events: dict[str, Event] = {}
    unreadable = 0
    for text in texts:
        try:
            event = decode(text)
        except Malformed:
            unreadable += 1
        else:
            events.setdefault(event.id, event)
    return events, unreadable


def _zones(apps: set[int]) -> dict[tuple[int, int], ZoneInfo]:
    """The zone for each (tenant, app) that exists, deleted apps included."""
    found = App.objects.filter(pk__in=apps).values_list("tenant_id", "pk", "tenant__time_zone")
    return {(tenant, app): ZoneInfo(zone) for tenant, app, zone in found}


def _log(events: list[Event]) -> list[Event]:
    """Writes the request log; returns the events that were not in it yet.

    That one can be there already is rare (a spool drained twice), so the look comes after the clash.
    """
    try:
        with transaction.atomic():
            insert(RequestLog, LOG_COLUMNS, map(_log_row, events))
        return events
    except IntegrityError:
        stored = RequestLog.objects.filter(pk__in=[event.id for event in events])
        known = set(stored.values_list("pk", flat=True))
        fresh = [event for event in events if event.id not in known]
        insert(RequestLog, LOG_COLUMNS, map(_log_row, fresh))
        return fresh


def _log_row(event: Event) -> Row:
    return (event.id, datetime.fromtimestamp(event.at, UTC), *event[2:])


def _clock(zones: dict[int, ZoneInfo]) -> Clock:
    """Hour and day of an instant for a tenant; clocks change on whole minutes, so one look a minute."""
    seen: dict[tuple[int, int], tuple[datetime, date]] = {}

    def read(tenant: int, at: float) -> tuple[datetime, date]:
        minute = (tenant, int(at // 60))
        if minute not in seen:
            moment = datetime.fromtimestamp(minute[1] * 60, UTC)
            seen[minute] = (hour_start(moment, zones[tenant]), moment.astimezone(zones[tenant]).date())
        return seen[minute]

    return read


def _add_up(events: list[Event], clock: Clock) -> None:
    hours: Sums = {}
    for event in events:
        hour, day = clock(event.tenant_id, event.at)
        key = (event.tenant_id, event.app_id, event.api, event.operation, event.environment, hour, day)
        sums = hours.get(key)
        if sums is None:
            sums = hours[key] = [0] * (FIGURES + BUCKETS)
        sums[0] += 1
        sums[1] += event.status >= 400
        sums[2] += event.latency_us
        sums[3] += event.request_bytes
        sums[4] += event.answer_bytes
        sums[FIGURES + bucket(event.latency_us)] += 1
    days = _fold(hours, lambda key: (*key[:5], key[6]))
    by_app = _fold(days, lambda key: (key[0], key[1], key[4], key[5]))
    place = ("tenant_id", "app_id", "api", "operation", "environment")
    add(HourTotal, (*place, "hour"), _rows({key[:6]: sums for key, sums in hours.items()}))
    add(DayTotal, (*place, "day"), _rows(days))
    add(DayAppTotal, ("tenant_id", "app_id", "environment", "day"), _rows(by_app))


def _fold(sums: Sums, to: Callable[[tuple[object, ...]], tuple[object, ...]]) -> Sums:
    folded: Sums = {}
    for key, values in sums.items():
        into = folded.setdefault(to(key), [0] * len(values))
        into[:] = [one + other for one, other in zip(into, values, strict=True)]
    return folded


def _rows(sums: Sums) -> Iterable[Row]:
    for key, values in sums.items():
        yield (*key, *values[:FIGURES], *(value or None for value in values[FIGURES:]))
