from __future__ import annotations

from django.apps import AppConfig


class UsageConfig(AppConfig):
    name = "usage"

    def ready(self) -> None:
        from portal.tenancy import ownership

        ownership.register("usage.Alert", "created_by")
