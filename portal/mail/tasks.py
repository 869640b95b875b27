"""Beat's part in mail."""

from __future__ import annotations

from celery import shared_task

from portal.mail import sending


@shared_task
def send_waiting() -> None:
    sending.send_waiting()


@shared_task
def tidy() -> None:
    sending.tidy()


BEAT = {
    "mail-send": {"task": "portal.mail.tasks.send_waiting", "schedule": 10.0},
    "mail-tidy": {"task": "portal.mail.tasks.tidy", "schedule": 3600.0},
}
