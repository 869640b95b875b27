"""The second half of a sync: write what was planned, each balance once.

Before a batch leaves, its records are marked as sent. A worker that takes over finds them in doubt and reads
those balances again: what stands there already is settled, the rest is sent once more under the same
idempotency key.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction
from django.db.models import QuerySet

from integrations.destination import BATCH, Away, DestinationError, Write
from integrations.engine.step import Step
from integrations.failpoints import failpoint
from integrations.models import Record, Sync

WRITING = "Writing balances"
Outcome = Record.Outcome
CHANGES = (Outcome.CREATE, Outcome.UPDATE)


def changes_of(sync: Sync) -> QuerySet[Record]:
    return Record.objects.filter(sync=sync, outcome__in=CHANGES)


def write(step: Step, sync: Sync) -> None:
    settle_doubt(step, sync)
    total = changes_of(sync).count()
    done = changes_of(sync).filter(step=Record.Step.SETTLED).count()
    while batch := list(changes_of(sync).filter(step=Record.Step.PLANNED).order_by("pk")[:BATCH]):
        step.check_time()
        with transaction.atomic():
            step.progress.report(done, total, WRITING)
            _mark(batch, Record.Step.SENDING)
        failpoint("marked_sending")
        reasons = _send(step, batch)
        failpoint("sent")
        failed = [(record, reason) for record, reason in zip(batch, reasons, strict=True) if reason]
        done, total = done + len(batch) - len(failed), total - len(failed)
        with transaction.atomic():
            step.progress.report(done, total, WRITING)
            _mark(batch, Record.Step.SETTLED)
            _note_failures(failed)
            Sync.objects.filter(pk=sync.pk).update(pauses=0)
        failpoint("result_kept")


def settle_doubt(step: Step, sync: Sync) -> None:
    """Asks what became of writes that a lost worker may have sent."""
    while batch := list(changes_of(sync).filter(step=Record.Step.SENDING).order_by("pk")[:BATCH]):
        found = step.tell(step.destination.balances, [record.account_id for record in batch])
        written = [record for record in batch if found.get(record.account_id) == record.new]
        others = [record for record in batch if found.get(record.account_id) != record.new]
        with transaction.atomic():
            step.progress.beat(every=0)
            _mark(written, Record.Step.SETTLED)
            _mark(others, Record.Step.PLANNED)


def _send(step: Step, batch: Sequence[Record]) -> list[str]:
    items = [
        Write(record.account_id, record.new, record.unit, record.as_of, record.key)
        for record in batch
        if record.new is not None
    ]

    def now() -> list[str]:
        step.check_hold()
        return step.destination.write(items)

    step.progress.beat(every=0)
    try:
        return step.tell(now)
    except Away:
        raise  # in doubt: they stay marked as sent
    except DestinationError:  # refused as a whole, so nothing was carried out
        with transaction.atomic():
            step.progress.beat(every=0)
            _mark(batch, Record.Step.PLANNED)
        raise


def _mark(records: Sequence[Record], step: str) -> None:
    Record.objects.filter(pk__in=[record.pk for record in records]).update(step=step)


def _note_failures(failed: Sequence[tuple[Record, str]]) -> None:
    for record, reason in failed:
        Record.objects.filter(pk=record.pk).update(outcome=Outcome.FAILED, reason=reason[:200])
