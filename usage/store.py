"""Events into rows: the request log and the totals. Runs inside the roll-up's transaction."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from django.db import IntegrityError, transaction
from django.utils import timezone

from apps.models import App
from usage import gaps, tally
from usage.event import Event
from usage.models import Gap, RequestLog
from usage.rows import Row, add, insert
from usage.tally import Batch

LOG_COLUMNS = (
    *("event", "at", "tenant_id", "app_id", "api", "operation", "environment", "method", "status"),
    *("latency_us", "request_bytes", "answer_bytes", "request_id"),
)


@dataclass(frozen=True, slots=True)
class Counted:
    counted: int
    repeated: int
    unreadable: int
    orphaned: int


def count_events(batch: Batch) -> Counted:
    """Adds a batch to every table. Events seen before are left out; odd ones are told of by a Gap row."""
    events = batch.events.values()
    zones = _zones({event.app_id for event in events})
    known = [event for event in events if (event.tenant_id, event.app_id) in zones]
    fresh = _log(known)
    sums = tally.add_up(fresh, tally.clock({tenant: zone for (tenant, _), zone in zones.items()}))
    add(tally.rows(sums))
    if batch.lost:
        _note_loss([event.at for event in fresh if event.id in batch.lost])
    orphaned = len(events) - len(known)
    for calls, reason in ((batch.unreadable, Gap.Reason.UNREADABLE), (orphaned, Gap.Reason.UNKNOWN_APP)):
        if calls:
            now = timezone.now()
            gaps.note(reason, now, now, calls=calls)
    repeated = batch.size - batch.unreadable - orphaned - len(fresh)
    return Counted(len(fresh), repeated, batch.unreadable, orphaned)


def _note_loss(moments: list[float]) -> None:
    """These are counted now. Processes that have ended since may have written others at that time."""
    if moments:
        gaps.note_restart(*(datetime.fromtimestamp(moment, UTC) for moment in (min(moments), max(moments))))


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
    return (event[0], datetime.fromtimestamp(event[1], UTC), *event[2:])
