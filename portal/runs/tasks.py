"""Beat's part in runs."""

from __future__ import annotations

from celery import shared_task

from portal.runs import services


@shared_task
def reap() -> None:
    services.reap()


BEAT = {"runs-reap": {"task": "portal.runs.tasks.reap", "schedule": 5.0}}
