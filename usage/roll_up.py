"""From the stream to the totals, each event exactly once.

The cursor moves in the transaction that writes the totals, and only from where this batch began: a
crash undoes both, and of two workers with the same batch one finds the cursor gone and stops.
"""

from __future__ import annotations

import logging
import time
from contextlib import suppress
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from usage import stream
from usage.models import Cursor, Gap
from usage.store import count_events

log = logging.getLogger(__name__)
BATCH = 10_000
KEPT_BEHIND = 60  # seconds of counted entries left in the stream for people who look into it


@dataclass(slots=True)
class Outcome:
    counted: int = 0
    repeated: int = 0  # arrived twice, counted once
    dropped: int = 0  # unreadable, or of apps that are gone: a Gap row tells


class Overtaken(Exception):
    """Another worker has counted this batch."""


def roll_up(*, seconds: float = 60.0) -> Outcome:
    """Counts what the stream holds, for at most about `seconds`. Raises redis errors."""
    total = Outcome()
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        cursor, _ = Cursor.objects.get_or_create(stream=stream.NAME)
        found = stream.read(after=cursor.position, count=BATCH)
        if not cursor.epoch:
            _begin(cursor, found)
            continue
        loss = _loss(cursor, found)
        if loss:
            _note(cursor, found, *loss)
            continue
        if not found.entries:
            break
        try:
            _count(cursor, found, total)
        except Overtaken:
            break
        stream.trim(before=found.entries[-1][0], seconds=KEPT_BEHIND)
        if len(found.entries) < BATCH:
            break
    return total


def _begin(cursor: Cursor, found: stream.Found) -> None:
    """A new database counts from what the stream still holds."""
    with suppress(Overtaken), transaction.atomic():
        _move(cursor, epoch=found.epoch, position="0-0", read=found.removed)


def _count(cursor: Cursor, found: stream.Found, total: Outcome) -> None:
    with transaction.atomic():
        _move(cursor, epoch=found.epoch, position=found.entries[-1][0], read=cursor.read + len(found.entries))
        counted = count_events([event for _, event in found.entries], lost=found.lost)
    total.counted += counted.counted
    total.repeated += counted.repeated
    total.dropped += counted.unreadable + counted.orphaned


def _move(cursor: Cursor, *, epoch: str, position: str, read: int) -> None:
    """The first statement of its transaction: whoever changes the row holds it to the end."""
    unmoved = Cursor.objects.filter(
        pk=cursor.pk, epoch=cursor.epoch, position=cursor.position, read=cursor.read
    )
    if not unmoved.update(epoch=epoch, position=position, read=read, moved=timezone.now()):
        raise Overtaken


def _loss(cursor: Cursor, found: stream.Found) -> tuple[Gap.Reason, int | None] | None:
    """Whether entries that were never counted can have gone, and how many where that is known."""
    if found.epoch != cursor.epoch:
        return Gap.Reason.FLUSHED, None
    if found.added < cursor.read or stream.order(found.newest) < stream.order(cursor.position):
        return Gap.Reason.STEPPED_BACK, None
    if found.removed > cursor.read:
        return Gap.Reason.TRIMMED, found.removed - cursor.read
    return None


def _note(cursor: Cursor, found: stream.Found, reason: Gap.Reason, calls: int | None) -> None:
    """Writes the gap down and goes on. A stream that is not the one we knew is read from its beginning:
    what was counted already is recognised by its event id."""
    position = cursor.position if reason is Gap.Reason.TRIMMED else "0-0"
    log.error("usage.gap", extra={"reason": str(reason), "calls": calls})
    with suppress(Overtaken), transaction.atomic():
        _move(cursor, epoch=found.epoch, position=position, read=found.removed)
        Gap.objects.create(began=cursor.moved, ended=timezone.now(), reason=reason, calls=calls)
