"""Beat's and the workers' part in sandboxes."""

from __future__ import annotations

from celery import shared_task

from catalog.sandbox import doorbell, jobs


@shared_task
def work_on_sandbox_job(job_id: int) -> None:
    jobs.work(job_id)


@shared_task
def sweep_sandbox_jobs() -> None:
    doorbell.sweep()


BEAT = {
    "sandbox-jobs": {
        "task": "catalog.tasks.sweep_sandbox_jobs",
        "schedule": 10.0,
        "options": {"expires": 10},
    }
}
