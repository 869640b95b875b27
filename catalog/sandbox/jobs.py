"""What an operation starts and its client polls: done by a worker, step by step, on the tenant's rows.

A handler calls `call.state.later("function of handlers.py", key of its row)`. The function is given a Work
and returns the seconds until its next step, or None when it has finished. Each step is one transaction with
the rows it changes, so a step told twice is done once, and one that a stopped worker left is done again.

A document may say under `x-sandbox` what becomes of the row when a job fails for good:
`jobs: {function: {collection: exports, failed: {status: Failed}}}`.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import timezone

from catalog import bundled
from catalog.models import Api, SandboxJob
from catalog.sandbox import doorbell, engine
from catalog.sandbox.state import Draft, Store

log = logging.getLogger(__name__)
MOST_FAILURES = 3  # of one step, before the job is given up
RETRY = 5.0  # seconds before a failed step is tried again


@dataclass(frozen=True, slots=True)
class Work:
    """One step of a job, as a handler sees it."""

    key: str  # of its row
    step: int  # 0 for the first
    state: Draft
    now: datetime  # UTC
    zone: ZoneInfo  # the tenant's


Step = Callable[[Work], float | None]


def work(job_id: int) -> None:
    """Does the step that is due, if it still is."""
    job = SandboxJob.objects.select_related("tenant").filter(pk=job_id, due__lte=timezone.now()).first()
    if job is None:
        return
    outline = _outline(job.api)
    step: Step | None = getattr(bundled.module(job.api, "handlers"), job.name, None)
    if outline is None or step is None:  # a newer document has no such job
        job.delete()
        return
    keys = engine.collections(outline)
    rows = engine.store(tenant_id=job.tenant_id, api=job.api, keys=keys, today=job.tenant.today())
    try:
        rows.write(lambda draft: _do(job, step, draft))
    except Exception as error:
        log.exception("sandbox_job_failed job=%s name=%s kind=%s", job.pk, job.name, type(error).__name__)
        _failed(job, rows, (outline.get("x-sandbox") or {}).get("jobs") or {})


def _outline(api: str) -> dict[str, Any] | None:
    found = Api.objects.filter(slug=api).select_related("current").defer("current__source").first()
    return found.current.outline() if found and found.current else None


def _do(job: SandboxJob, step: Step, draft: Draft) -> None:
    """Inside the transaction of the only writer: whoever came first has moved the step on."""
    held = SandboxJob.objects.filter(pk=job.pk, step=job.step)
    if not held.exists():
        return
    now = timezone.now()
    after = step(Work(job.key, job.step, draft, now, ZoneInfo(job.tenant.time_zone)))
    if after is None:
        held.delete()
        return
    held.update(step=job.step + 1, failures=0, due=now + timedelta(seconds=after))
    doorbell.ring(job.pk, after)


def _failed(job: SandboxJob, rows: Store, declared: dict[str, Any]) -> None:
    if job.failures + 1 < MOST_FAILURES:
        due = timezone.now() + timedelta(seconds=RETRY)
        SandboxJob.objects.filter(pk=job.pk, step=job.step).update(failures=job.failures + 1, due=due)
        doorbell.ring(job.pk, RETRY)
        return
    facts = declared.get(job.name) or {}

    def give_up(draft: Draft) -> None:
        SandboxJob.objects.filter(pk=job.pk).delete()
        row = draft.get(facts["collection"], job.key) if facts else None
        if row is not None:
            draft.put(facts["collection"], {**row, **facts["failed"]})

    rows.write(give_up)
