"""Beat's part in accounts."""

from __future__ import annotations

from celery import shared_task

from portal.tenancy import proofs


@shared_task
def answer_resets() -> None:
    proofs.answer_resets()


BEAT = {"tenancy-resets": {"task": "portal.tenancy.tasks.answer_resets", "schedule": 10.0}}
