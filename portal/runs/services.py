"""The life of a run: queued, running n of m, and one of three ends."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone

from portal.runs.models import LIVE, Run, State
from portal.tenancy.models import Tenant, User

log = logging.getLogger(__name__)
SILENCE = timedelta(seconds=60)  # a running run without a sign of life for this long has lost its worker


class RunError(Exception):
    """Ends a run as failed; its message is shown to the run's owner."""


class AlreadyRunning(RunError):
    """The same work is queued or running; `run` is that one."""

    def __init__(self, run: Run) -> None:
        super().__init__("This is already under way.")
        self.run = run


class Lost(Exception):
    """Another worker, or the reaper, took the run: stop at once and write nothing more."""


def queue(*, tenant: Tenant, kind: str, subject: str, ring: Callable[[int], object], by: User | None) -> Run:
    """Writes the row and rings the worker after the commit. Raises AlreadyRunning."""
    try:
        with transaction.atomic():
            run = Run.objects.create(tenant=tenant, kind=kind, subject=subject, started_by=by)
    except IntegrityError:
        live = Run.objects.of(tenant).filter(kind=kind, subject=subject, state__in=LIVE).first()
        if live is None:
            raise
        raise AlreadyRunning(live) from None
    transaction.on_commit(lambda: ring(run.pk), robust=True)
    return run


@dataclass(slots=True)
class Progress:
    """A worker's hold on a run."""

    run_id: int
    fence: int

    def report(self, done: int, total: int) -> None:
        """Shows n of m and proves life. Raises Lost."""
        self._write(done=done, total=total, beat_at=timezone.now())

    def end(self, state: State, message: str = "") -> None:
        self._write(state=state, message=message[:300], ended=timezone.now())

    def _write(self, **values: object) -> None:
        held = Run.objects.filter(pk=self.run_id, fence=self.fence, state=State.RUNNING)
        if not held.update(**values):
            raise Lost


def perform(run_id: int, work: Callable[[Progress], str | None]) -> None:
    """Takes the run and does the work; safe to be told twice.

    `work` may return a sentence for the reader. Only one worker gets hold: the conditional update is the
    lock. RunError ends the run with its message, anything else with a neutral one and a logged bug.
    """
    now = timezone.now()
    if not Run.objects.filter(pk=run_id, state=State.QUEUED).update(
        state=State.RUNNING, fence=F("fence") + 1, beat_at=now
    ):
        return
    progress = Progress(run_id, Run.objects.values_list("fence", flat=True).get(pk=run_id))
    try:
        message = work(progress)
        progress.end(State.DONE, message or "")
    except Lost:
        log.warning("run_lost run=%s", run_id)
    except RunError as error:
        progress.end(State.FAILED, str(error))
    except Exception as error:
        log.exception("run_failed run=%s kind=%s", run_id, type(error).__name__)
        progress.end(
            State.FAILED, "Something went wrong on our side. Try again; if it happens again, tell support."
        )


def reap() -> int:
    """Ends runs whose worker died. Returns how many."""
    silent = timezone.now() - SILENCE
    return Run.objects.filter(state=State.RUNNING, beat_at__lt=silent).update(
        state=State.FAILED,
        fence=F("fence") + 1,
        ended=timezone.now(),
        message="The worker stopped before it was finished. Start it again.",
    )
