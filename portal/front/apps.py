from __future__ import annotations

from django.apps import AppConfig


class FrontConfig(AppConfig):
    name = "portal.front"
    label = "front"
    verbose_name = "Portal"

    def ready(self) -> None:
        from portal.front import checks, vitals

        checks.register("database", "Database", vitals.database)
        checks.register("valkey", "Valkey", vitals.valkey_server)
        checks.register("workers", "Workers", vitals.workers, needs="valkey")
