from __future__ import annotations

from django.apps import AppConfig


class UsageConfig(AppConfig):
    name = "usage"

    def ready(self) -> None:
        from portal.front import checks
        from portal.tenancy import homepage, ownership
        from usage import vitals
        from usage.queries.first import has_called

        text = "Send the token with a request to the sandbox, or press Test Request on any operation."
        homepage.step(homepage.Step("first-call", 30, "Make a first call", text, "catalog:list", has_called))
        ownership.register("usage.Alert", "created_by")
        checks.register("usage", "Usage", vitals.counting, needs="database")
