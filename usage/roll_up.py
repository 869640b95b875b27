"""From the stream to the totals, each event exactly once.

The cursor moves in the transaction that writes the totals, and only from where this batch began: a
crash undoes both, and of two workers with the same batch one finds the cursor gone and stops.
"""

from __future__ import annotations

import time
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from usage import gaps, stream
from usage.models import Cursor, Gap
from usage.store import count_events
from usage.tally import Batch, read_batch

BATCH = 20_000
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
    looked = 0.0
    end = time.monotonic() + seconds
    with Ahead() as ahead:
        while time.monotonic() < end:
            cursor, _ = Cursor.objects.get_or_create(stream=stream.NAME)
            found, batch = ahead.read(cursor.position)
            looked = found.at
            if not cursor.epoch:
                _begin(cursor, found)
                continue
            loss = _loss(cursor, found)
            if loss:
                _note(cursor, found, *loss)
                continue
            if _is_restarted(cursor, found):
                _follow(cursor, found)
                continue
            if not found.texts:
                break
            is_last = len(found.texts) < BATCH
            if not is_last:
                ahead.begin(found.position)
            try:
                _count(cursor, found, batch, total)
            except Overtaken:
                break
            stream.trim(before=found.position, seconds=KEPT_BEHIND)
            if is_last:
                break
    stream.note_seen(looked)
    return total


def _look(after: str) -> tuple[stream.Found, Batch]:
    found = stream.read(after=after, count=BATCH)
    return found, read_batch(found.texts, lost=found.lost)


class Ahead:
    """Reads and decodes the next batch while the database writes this one."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, "usage-read-ahead")
        self._next: tuple[str, Future[tuple[stream.Found, Batch]]] | None = None

    def begin(self, after: str) -> None:
        self._next = after, self._thread.submit(_look, after)

    def read(self, after: str) -> tuple[stream.Found, Batch]:
        begun, self._next = self._next, None
        return begun[1].result() if begun and begun[0] == after else _look(after)

    def __enter__(self) -> Ahead:
        return self

    def __exit__(self, *_: object) -> None:
        self._thread.shutdown()


def _begin(cursor: Cursor, found: stream.Found) -> None:
    """A new database counts from what the stream still holds."""
    with suppress(Overtaken), transaction.atomic():
        _move(cursor, found, position="0-0", read=found.removed)


def _count(cursor: Cursor, found: stream.Found, batch: Batch, total: Outcome) -> None:
    with transaction.atomic():
        _move(cursor, found, position=found.position, read=cursor.read + batch.size)
        counted = count_events(batch)
    total.counted += counted.counted
    total.repeated += counted.repeated
    total.dropped += counted.unreadable + counted.orphaned


def _move(cursor: Cursor, found: stream.Found, *, position: str, read: int) -> None:
    """The first statement of its transaction: whoever changes the row holds it to the end."""
    unmoved = Cursor.objects.filter(
        pk=cursor.pk, epoch=cursor.epoch, run_id=cursor.run_id, position=cursor.position, read=cursor.read
    )
    run_id = found.run_id or cursor.run_id
    to = {"epoch": found.epoch, "run_id": run_id, "position": position, "read": read}
    if not unmoved.update(**to, moved=timezone.now()):
        raise Overtaken


def _loss(cursor: Cursor, found: stream.Found) -> tuple[Gap.Reason, int | None] | None:
    """Whether entries that were never counted can have gone, and how many where that is known."""
    if found.epoch != cursor.epoch:
        return Gap.Reason.FLUSHED, None
    if found.added < cursor.read or stream.order(found.newest) < stream.order(cursor.position):
        return Gap.Reason.STEPPED_BACK, None
    if found.removed > cursor.read:
        return Gap.Reason.TRIMMED, found.removed - cursor.read
    if _is_restarted(cursor, found) and cursor.run_id not in ("", found.shutdown):
        return Gap.Reason.RESTARTED, None
    return None


def _is_restarted(cursor: Cursor, found: stream.Found) -> bool:
    return found.run_id not in ("", cursor.run_id)


def _note(cursor: Cursor, found: stream.Found, reason: Gap.Reason, calls: int | None) -> None:
    """Writes the gap down and goes on. A stream that is not the one we knew is read from its beginning:
    what was counted already is recognised by its event id."""
    with suppress(Overtaken), transaction.atomic():
        if reason in (Gap.Reason.FLUSHED, Gap.Reason.STEPPED_BACK):
            _move(cursor, found, position="0-0", read=found.removed)
        else:
            _move(cursor, found, position=cursor.position, read=max(cursor.read, found.removed))
        if reason is Gap.Reason.RESTARTED:
            last = max(cursor.moved, found.seen or cursor.moved)
            gaps.note_restart(last, found.started if found.started > last else timezone.now())
        else:
            gaps.note(reason, cursor.moved, timezone.now(), calls=calls)


def _follow(cursor: Cursor, found: stream.Found) -> None:
    """The server was started anew in order: the next restart is judged against this run."""
    with suppress(Overtaken), transaction.atomic():
        _move(cursor, found, position=cursor.position, read=cursor.read)
