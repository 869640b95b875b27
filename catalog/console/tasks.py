"""Work on kept requests that nobody waits for."""

from __future__ import annotations

from celery import shared_task

from catalog.console.services import end_old_history

BEAT = {
    "end-old-console-history": {
        "task": "catalog.console.tasks.sweep_history",
        "schedule": 3600.0,
        "options": {"expires": 3600},
    }
}


@shared_task
def sweep_history() -> None:
    end_old_history()
