from django.apps import AppConfig


class CatalogConfig(AppConfig):
    name = "catalog"

    def ready(self) -> None:
        from catalog import planning
        from usage import plan

        plan.register(limits=planning.limits, estimates=planning.estimates)
