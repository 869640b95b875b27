"""Makes history for a tenant to look around in."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from portal.tenancy.models import Tenant
from usage.simulation import simulate


class Command(BaseCommand):
    help = "Fills the days without calls of a tenant's recent past with believable ones. Not for customers."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("account", nargs="?", default="northwind", help="its short name")
        parser.add_argument("--days", type=int, default=90)

    def handle(self, *args: Any, **options: Any) -> None:
        tenant = Tenant.objects.filter(slug=options["account"]).first()
        if tenant is None:
            raise CommandError(f"There is no account with the short name {options['account']}.")
        if not 1 <= options["days"] <= 800:
            raise CommandError("--days takes 1 to 800.")
        calls = simulate(tenant, days=options["days"])
        self.stdout.write(f"{calls:,} calls made up for {tenant}.")
