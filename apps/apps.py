from __future__ import annotations

from django.apps import AppConfig
from django.db.models.signals import pre_delete


class AppsConfig(AppConfig):
    name = "apps"

    def ready(self) -> None:
        from apps import at_home
        from apps.console import end_console_of
        from portal.tenancy import ownership
        from portal.tenancy.models import User

        at_home.register()
        ownership.register("apps.App", "created_by")
        # What serves one person alone ends with them instead of being handed over.
        pre_delete.connect(lambda instance, **_: end_console_of(instance), sender=User, weak=False)
