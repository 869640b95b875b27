from __future__ import annotations

from django.apps import AppConfig


class SupportConfig(AppConfig):
    name = "portal.support"
    label = "support"
    verbose_name = "Support"

    def ready(self) -> None:
        from portal.tenancy import ownership

        ownership.register("support.Ticket", "opened_by")
