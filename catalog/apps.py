from __future__ import annotations

from django.apps import AppConfig


class CatalogConfig(AppConfig):
    name = "catalog"

    def ready(self) -> None:
        from catalog import planning, vitals
        from portal.front import checks
        from usage import plan

        plan.register(limits=planning.limits, estimates=planning.estimates)
        checks.register("gateway", "API calls", vitals.gateway, needs="database")
        checks.register("sandbox", "Sandbox", vitals.sandbox, needs="database")
