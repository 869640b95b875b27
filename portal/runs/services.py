"""The life of a run: queued, running n of m, and one of its ends."""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import F, Q
from django.utils import timezone

from portal.runs.models import LIVE, Run, State
from portal.tenancy.models import Tenant, User

log = logging.getLogger(__name__)
SILENCE = timedelta(seconds=60)  # a running run without a sign of life for this long has lost its worker
LEASE = timedelta(seconds=10)  # the same for kinds that another worker can take up again
MOST_ATTEMPTS = 3  # workers lost without any progress in between: then the work itself is at fault
BUG = "Something went wrong on our side. Try again; if it happens again, tell support."

Ring = Callable[[int], object]
_resumable: dict[str, Ring] = {}


def resumable(kind: str, ring: Ring) -> None:
    """Says that runs of this kind go on where they stopped; `ring` tells a worker. For AppConfig.ready."""
    _resumable[kind] = ring


class RunError(Exception):
    """Ends a run as failed; its message is shown to the run's owner."""


class AlreadyRunning(RunError):
    """The same work is queued or running; `run` is that one."""

    def __init__(self, run: Run) -> None:
        super().__init__("This is already under way.")
        self.run = run


class Lost(Exception):
    """Another worker, or the reaper, took the run: stop at once and write nothing more."""


class Pause(Exception):
    """Hands a resumable run back, to be gone on with at `until` (None: at once). `message` says why."""

    def __init__(self, message: str = "", *, until: datetime | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.until = until


@dataclass(frozen=True, slots=True)
class End:
    """How work ended when it was not simply done."""

    state: State
    message: str = ""


def queue(*, tenant: Tenant, kind: str, subject: str, ring: Ring | None = None, by: User | None) -> Run:
    """Writes the row and rings the worker after the commit. Raises AlreadyRunning.

    A resumable kind has said how its worker is told; every other one gives its `ring`.
    """
    ring = ring or _resumable[kind]
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


@transaction.atomic
def release(*, run: Run) -> None:
    """A held run goes on. Raises AlreadyRunning, or RunError when it is not held any more."""
    held = Run.objects.filter(pk=run.pk, state=State.HELD)
    try:
        with transaction.atomic():
            released = held.update(state=State.QUEUED, message="", ended=None, beat_at=None, resume_at=None)
    except IntegrityError:
        live = Run.objects.filter(kind=run.kind, subject=run.subject, tenant=run.tenant, state__in=LIVE).get()
        raise AlreadyRunning(live) from None
    if not released:
        raise RunError("This run is not held any more.")
    transaction.on_commit(lambda: _resumable[run.kind](run.pk), robust=True)


def stop(*, run_ids: list[int], message: str) -> int:
    """Ends runs from outside; a worker at it finds its fence gone. Returns how many."""
    open_runs = Run.objects.filter(pk__in=run_ids, state__in=(*LIVE, State.HELD))
    return open_runs.update(
        state=State.FAILED, fence=F("fence") + 1, ended=timezone.now(), message=message[:300]
    )


@dataclass(slots=True)
class Progress:
    """A worker's hold on a run."""

    run_id: int
    fence: int
    done: int = 0
    beat_at: datetime | None = None

    def report(self, done: int, total: int, message: str | None = None) -> None:
        """Shows n of m and proves life. Raises Lost."""
        values: dict[str, object] = {"done": done, "total": total}
        if done > self.done:
            values["attempts"] = 0
        if message is not None:
            values["message"] = message[:300]
        self._write(**values)
        self.done = done

    def beat(self, *, every: float = 2.0) -> None:
        """Proves life when the last proof is older than `every` seconds. Raises Lost."""
        if self.beat_at is None or (timezone.now() - self.beat_at).total_seconds() >= every:
            self._write()

    def end(self, state: State, message: str = "") -> None:
        self._write(state=state, message=message[:300], ended=timezone.now())

    def pause(self, pause: Pause) -> None:
        self._write(state=State.QUEUED, message=pause.message[:300], resume_at=pause.until)

    def _write(self, **values: object) -> None:
        now = timezone.now()
        held = Run.objects.filter(pk=self.run_id, fence=self.fence, state=State.RUNNING)
        if not held.update(beat_at=now, **values):
            raise Lost
        self.beat_at = now


def perform(run_id: int, work: Callable[[Progress], str | End | None]) -> None:
    """Takes the run and does the work; safe to be told twice.

    `work` may return a sentence for the reader, or an End. Only one worker gets hold: the conditional update
    is the lock. RunError ends the run with its message; anything else is a logged bug, after which a
    resumable run is tried again and every other one ends with a neutral sentence.
    """
    progress = _take(run_id)
    if progress is None:
        return
    try:
        ended = work(progress)
        end = ended if isinstance(ended, End) else End(State.DONE, ended or "")
        progress.end(end.state, end.message)
    except Lost:
        log.warning("run_lost run=%s", run_id)
    except Pause as pause:
        _pause(progress, pause)
    except RunError as error:
        with suppress(Lost):
            progress.end(State.FAILED, str(error))
    except Exception as error:
        log.exception("run_failed run=%s kind=%s", run_id, type(error).__name__)
        _after_a_bug(progress)


def _take(run_id: int) -> Progress | None:
    now = timezone.now()
    waiting = Run.objects.filter(pk=run_id, state=State.QUEUED).exclude(resume_at__gt=now)
    if not waiting.update(state=State.RUNNING, fence=F("fence") + 1, beat_at=now, resume_at=None):
        return None
    fence, done = Run.objects.values_list("fence", "done").get(pk=run_id)
    return Progress(run_id, fence, done, now)


def _pause(progress: Progress, pause: Pause) -> None:
    try:
        progress.pause(pause)
    except Lost:
        return
    if pause.until is None:
        _ring(progress.run_id)


def _ring(run_id: int) -> None:
    kind = Run.objects.values_list("kind", flat=True).get(pk=run_id)
    _resumable[kind](run_id)


def _after_a_bug(progress: Progress) -> None:
    run = Run.objects.filter(pk=progress.run_id).first()
    if run is None:  # deleted with what it worked on
        return
    try:
        if run.kind not in _resumable or run.attempts + 1 >= MOST_ATTEMPTS:
            progress.end(State.FAILED, BUG)
        else:
            progress._write(
                state=State.QUEUED, attempts=F("attempts") + 1, resume_at=timezone.now() + LEASE / 2
            )
    except Lost:
        return


def reap() -> int:
    """Ends runs whose worker died, or has them taken up again. Returns how many it found."""
    now = timezone.now()
    dead = Run.objects.filter(state=State.RUNNING)
    found = (
        dead.exclude(kind__in=_resumable)
        .filter(beat_at__lt=now - SILENCE)
        .update(
            state=State.FAILED,
            fence=F("fence") + 1,
            ended=now,
            message="The worker stopped before it was finished. Start it again.",
        )
    )
    lost = dead.filter(kind__in=_resumable, beat_at__lt=now - LEASE)
    found += lost.filter(attempts__gte=MOST_ATTEMPTS - 1).update(
        state=State.FAILED, fence=F("fence") + 1, ended=now, message=BUG
    )
    found += lost.update(state=State.QUEUED, fence=F("fence") + 1, attempts=F("attempts") + 1, resume_at=now)
    _ring_again(now)
    return found


def _ring_again(now: datetime) -> None:
    """Queued runs that are due and that no worker was told of lately: a broker forgets, the row does not."""
    waiting = Run.objects.filter(state=State.QUEUED, kind__in=_resumable).exclude(resume_at__gt=now)
    for run in waiting.filter(Q(created__lt=now - LEASE / 2) | Q(resume_at__isnull=False)):
        told = Run.objects.filter(pk=run.pk, state=State.QUEUED, beat_at=run.beat_at)
        is_overdue = run.resume_at is not None or run.beat_at is None or run.beat_at < now - LEASE
        if is_overdue and told.update(beat_at=now, resume_at=None):
            _resumable[run.kind](run.pk)
