from __future__ import annotations

from django.apps import AppConfig


class AppsConfig(AppConfig):
    name = "apps"

    def ready(self) -> None:
        from portal.tenancy import ownership

        ownership.register("apps.App", "created_by")
