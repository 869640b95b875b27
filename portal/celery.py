"""The Celery application: finds the rooms' tasks and tells beat when to run which."""

from __future__ import annotations

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")

app = Celery("portal")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.set_default()  # also for the threads of a web process: Celery remembers the current one by thread


@app.on_after_finalize.connect  # type: ignore[union-attr]
def plan(sender: Celery, **_: object) -> None:
    from apps.tasks import BEAT as APPS
    from catalog.tasks import BEAT as CATALOG
    from integrations.tasks import BEAT as INTEGRATIONS
    from portal.front.tasks import BEAT as FRONT
    from portal.mail.tasks import BEAT as MAIL
    from portal.runs.tasks import BEAT as RUNS
    from portal.tenancy.tasks import BEAT as TENANCY
    from usage.tasks import BEAT as USAGE

    sender.conf.beat_schedule = {
        **FRONT,
        **MAIL,
        **RUNS,
        **TENANCY,
        **APPS,
        **USAGE,
        **CATALOG,
        **INTEGRATIONS,
    }


def announce_only() -> None:
    """For a web process: it starts work but waits for no broker that hangs. Sweepers find the work."""
    app.conf.task_publish_retry = False
    app.conf.broker_transport_options |= {"socket_connect_timeout": 1, "socket_timeout": 1}
