"""A sync from its start to its end, over as many turns and workers as it takes."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.db.models import Count, Q
from django.utils import timezone

from integrations.engine.reading import read, start
from integrations.engine.step import Step, turn
from integrations.engine.trouble import count_pause, told
from integrations.engine.writing import CHANGES, write
from integrations.failpoints import failpoint
from integrations.models import Integration, Record, Sync
from portal.runs.models import LIVE, Run, State
from portal.runs.services import End, Pause, Progress, RunError

FEWEST = 0.8  # of the people of the last sync; with fewer, a person is asked first
ZEROED = 3  # balances that would become zero; from here on, more than half of all changes is suspicious
DETAILED = 3  # syncs of an integration whose unchanged balances stay listed
Outcome = Record.Outcome
NOT_REACHED = "The run ended before this was written."


def work(progress: Progress) -> End:
    """Given to runs.perform. Raises Pause, RunError, Lost."""
    sync = Sync.objects.select_related("integration__tenant", "run").get(run_id=progress.run_id)
    try:
        with turn(sync.integration, progress) as step, told(sync.integration, lambda: count_pause(sync)):
            return _go_on(step, sync)
    except Pause:
        raise
    except RunError:
        settle(sync)
        raise


def _go_on(step: Step, sync: Sync) -> End:
    if sync.phase == Sync.Phase.START:
        start(step, sync)
    if sync.phase == Sync.Phase.READ:
        read(step, sync)
        if sync.is_dry:
            return finish(step, sync)
        if (reason := suspicion(sync)) and not sync.is_released:
            _count(sync)
            return End(State.HELD, reason)
        sync.phase = Sync.Phase.WRITE
        Sync.objects.filter(pk=sync.pk).update(phase=sync.phase)
    write(step, sync)
    return finish(step, sync)


def suspicion(sync: Sync) -> str:
    """Why this plan should not be carried out before somebody has looked; empty when all is well."""
    if sync.retry_of_id is not None:
        return ""
    earlier = Sync.objects.filter(integration=sync.integration_id, is_dry=False, retry_of=None)
    last = earlier.filter(phase=Sync.Phase.END, run__state__in=(State.DONE, State.PARTIAL)).first()
    if last is not None and sync.people < FEWEST * last.people:
        return (
            f"Only {sync.people} of the {last.people} people of the last sync were found. Nothing is "
            f"written yet."
        )
    changes = Record.objects.filter(sync=sync, outcome__in=CHANGES)
    counts = changes.aggregate(all=Count("pk"), zeroed=Count("pk", filter=Q(new=0) & ~Q(old=0)))
    if counts["zeroed"] >= ZEROED and counts["zeroed"] * 2 > counts["all"]:
        return (
            f"{counts['zeroed']} of {counts['all']} changes would set a balance to zero. Nothing is "
            f"written yet."
        )
    return ""


def finish(step: Step, sync: Sync) -> End:
    failpoint("ending")
    with transaction.atomic():
        step.progress.beat(every=0)
        _count(sync)
        sync.phase = Sync.Phase.END
        sync.save(update_fields=["phase"])
        if not sync.is_dry:
            Integration.objects.filter(pk=sync.integration_id).update(trouble="", needs_reconnect=False)
            _forget_unchanged(sync)
    return End(_state(sync), said(sync))


def settle(sync: Sync) -> None:
    """After a run that failed: what it did not get to is named, so that it can be tried again."""
    left = Record.objects.filter(sync=sync, outcome__in=CHANGES).exclude(step=Record.Step.SETTLED)
    if not sync.is_dry:
        left.update(outcome=Outcome.FAILED, step=Record.Step.SETTLED, reason=NOT_REACHED)
    _count(sync)
    Sync.objects.filter(pk=sync.pk).update(phase=Sync.Phase.END)


def _count(sync: Sync) -> None:
    rows = Record.objects.filter(sync=sync).order_by().values_list("outcome").annotate(Count("pk"))
    found = dict(rows)
    sync.created_count, sync.updated_count = found.get(Outcome.CREATE, 0), found.get(Outcome.UPDATE, 0)
    sync.unchanged_count = found.get(Outcome.UNCHANGED, 0)
    sync.skipped_count, sync.failed_count = found.get(Outcome.SKIPPED, 0), found.get(Outcome.FAILED, 0)
    names = ["created_count", "updated_count", "unchanged_count", "skipped_count", "failed_count"]
    sync.save(update_fields=names)


def _state(sync: Sync) -> State:
    if not sync.failed_count:
        return State.DONE
    succeeded = sync.created_count + sync.updated_count + sync.unchanged_count
    return State.PARTIAL if succeeded else State.FAILED


def said(sync: Sync) -> str:
    would = "would be " if sync.is_dry else ""
    parts = [
        (sync.created_count, f"{would}created"),
        (sync.updated_count, f"{would}updated"),
        (sync.unchanged_count, "unchanged"),
        (sync.skipped_count, "skipped"),
        (sync.failed_count, "could not be read" if sync.is_dry else "failed"),
    ]
    told = [f"{count:,} {word}" for count, word in parts if count]
    return f"Balances: {', '.join(told)}." if told else "There was no balance to sync."


def _forget_unchanged(sync: Sync) -> None:
    """Most balances do not change, and a list of them for every quarter of an hour helps nobody."""
    recent = Sync.objects.filter(integration=sync.integration_id).values_list("pk", flat=True)[:DETAILED]
    old = Record.objects.filter(sync__integration=sync.integration_id, outcome=Outcome.UNCHANGED)
    old.exclude(sync__in=list(recent)).delete()


def expire(*, days: int = 90) -> int:
    """Deletes runs older than the history is kept. Returns how many."""
    old = Sync.objects.filter(run__created__lt=timezone.now() - timedelta(days=days))
    runs = Run.objects.filter(pk__in=old.values("run_id")).exclude(state__in=LIVE)
    gone, _ = runs.delete()
    return gone


def settle_ended() -> None:
    """Of runs that were ended from outside: by the reaper, or because the integration was disabled."""
    ended = Sync.objects.exclude(phase=Sync.Phase.END).exclude(run__state__in=(*LIVE, State.HELD))
    for sync in ended:
        settle(sync)
