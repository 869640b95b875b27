from __future__ import annotations

from django.apps import AppConfig


class RunsConfig(AppConfig):
    name = "portal.runs"
    label = "runs"

    def ready(self) -> None:
        from portal.tenancy import ownership

        ownership.register("runs.Run", "started_by")
