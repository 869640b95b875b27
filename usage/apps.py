from __future__ import annotations

from django.apps import AppConfig


class UsageConfig(AppConfig):
    name = "usage"

    def ready(self) -> None:
        from portal.front import checks
        from portal.tenancy import homepage, ownership
        from usage import vitals
        from usage.queries.first import has_called

        text = "This opens one that is ready to send. Or send the token with a request of your own."
        homepage.step(
            homepage.Step(
                "first-call",
                30,
                "Make a first call",
                text,
                "catalog:try",
                has_called,
                proves=("first-app", "first-token"),
            )
        )
        ownership.register("usage.Alert", "created_by")
        checks.register("usage", "Usage", vitals.counting, needs="database")
