from __future__ import annotations

from django.apps import AppConfig


class IntegrationsConfig(AppConfig):
    name = "integrations"

    def ready(self) -> None:
        from integrations import at_home
        from portal.runs.services import resumable
        from portal.tenancy import ownership

        at_home.register()
        ownership.register("integrations.Integration", "created_by")
        resumable("hris.sync", _ring_sync)
        resumable("hris.read", _ring_read)


def _ring_sync(run_id: int) -> None:
    from integrations.tasks import sync

    sync.delay(run_id)


def _ring_read(run_id: int) -> None:
    from integrations.tasks import read

    read.delay(run_id)
