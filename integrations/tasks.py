"""What workers are told, and beat's part."""

from __future__ import annotations

from celery import shared_task

from integrations.engine import looking, syncing
from integrations.services import scheduling
from portal.runs.services import perform


@shared_task
def sync(run_id: int) -> None:
    perform(run_id, syncing.work)


@shared_task
def read(run_id: int) -> None:
    perform(run_id, looking.look)


@shared_task
def start_due() -> None:
    syncing.settle_ended()
    scheduling.start_due()


@shared_task
def expire() -> None:
    syncing.expire()


BEAT = {
    "integrations-start-due": {"task": "integrations.tasks.start_due", "schedule": 15.0},
    "integrations-expire": {"task": "integrations.tasks.expire", "schedule": 24 * 3600.0},
}
