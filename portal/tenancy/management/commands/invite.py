"""Invites a person into an account, as an operator."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from portal.tenancy.errors import InviteRefused
from portal.tenancy.invitations import invite
from portal.tenancy.models import Role
from portal.tenancy.queries import tenant_named


class Command(BaseCommand):
    help = "Sends an invitation that lives seven days. Without EMAIL_URL it waits in /operator/mail/."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("account", help="account name")
        parser.add_argument("email")
        parser.add_argument("--role", choices=Role.values, default=Role.ADMIN.value)

    def handle(self, *args: Any, **options: Any) -> None:
        tenant = tenant_named(options["account"])
        if tenant is None:
            raise CommandError(f"There is no active account “{options['account']}”.")
        try:
            invite(tenant=tenant, email=options["email"], role=options["role"], by=None)
        except InviteRefused as refused:
            raise CommandError(f"{options['email']}: {refused}") from None
        self.stdout.write(f"Invited {options['email']} to {tenant.name} as {options['role']}.")
