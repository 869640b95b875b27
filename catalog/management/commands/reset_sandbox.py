"""Puts the sandbox of one account back to how it began."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from catalog import queries
from catalog.errors import CatalogError
from catalog.sandbox import engine
from catalog.sandbox.services import reset
from portal.tenancy.models import Tenant


class Command(BaseCommand):
    help = "Puts an account's sandboxes back to the data they began with; --api limits this to one."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("account", help="the account name, as in its address")
        parser.add_argument("--api", help="the API's part of its address, such as provisioning")

    def handle(self, *args: Any, **options: Any) -> None:
        tenant = Tenant.objects.filter(slug=options["account"]).first()
        if tenant is None:
            raise CommandError(f"There is no account “{options['account']}”.")
        for slug in [options["api"]] if options["api"] else _with_data():
            try:
                reset(tenant=tenant, api=slug, by=None)
            except CatalogError as error:
                raise CommandError(str(error)) from None
            self.stdout.write(f"{tenant}: the {slug} sandbox is back to its first data")


def _with_data() -> list[str]:
    return [
        api.slug for api in queries.published() if api.current and engine.collections(api.current.outline())
    ]
