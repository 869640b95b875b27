"""Jobs on their way to a worker. The row is the truth; what rings may get lost or come twice."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from celery import current_app
from django.db import transaction
from django.utils import timezone
from kombu.exceptions import OperationalError

from catalog.models import SandboxJob

LONGEST_COUNTDOWN = 60.0  # seconds a broker is asked to keep a message; later ones are the sweeper's
PATIENCE = timedelta(seconds=10)  # how long due work may lie before it is rung for again


@dataclass(frozen=True, slots=True)
class Later:
    """A function of the API's handlers.py, the row it works on, and seconds to wait."""

    name: str
    key: str
    after: float = 0.0


def enqueue(*, tenant_id: int, api: str, jobs: Iterable[Later]) -> None:
    """Part of the writer's transaction; rings after it. A row has one job of a name at a time."""
    for one in jobs:
        due = timezone.now() + timedelta(seconds=one.after)
        job, _ = SandboxJob.objects.update_or_create(
            tenant_id=tenant_id,
            api=api,
            name=one.name,
            key=one.key,
            defaults={"due": due, "step": 0, "failures": 0},
        )
        ring(job.pk, one.after)


def ring(job_id: int, after: float = 0.0) -> None:
    """After the commit, if at all: without a broker the sweeper finds the row."""
    if after <= LONGEST_COUNTDOWN:
        transaction.on_commit(lambda: _send(job_id, after), robust=True)


def _send(job_id: int, after: float) -> None:
    try:
        current_app.send_task("catalog.tasks.work_on_sandbox_job", [job_id], countdown=after or None)
    except OperationalError:
        return


def sweep() -> int:
    """Rings for due work that nobody has done. Returns for how much."""
    late = SandboxJob.objects.filter(due__lt=timezone.now() - PATIENCE).order_by("due")
    found = list(late.values_list("pk", flat=True)[:500])
    for job_id in found:
        _send(job_id, 0.0)
    return len(found)
