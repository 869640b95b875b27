"""For an account that is locked out of its own identity provider."""

from __future__ import annotations

import secrets
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from portal.tenancy import audit
from portal.tenancy.federation.models import IdentityProvider
from portal.tenancy.federation.services import switch_off
from portal.tenancy.models import Standing, Tenant, User


class Command(BaseCommand):
    help = "Switches an account back to passwords and prints a new password for one of its people."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("account", help="short name of the account, as in `northwind`")
        parser.add_argument("email", help="the person who gets the password")

    @transaction.atomic
    def handle(self, *args: Any, account: str, email: str, **options: Any) -> None:
        tenant = Tenant.objects.filter(slug=account).first()
        if tenant is None:
            raise CommandError(f"There is no account “{account}”.")
        user = User.objects.filter(tenant=tenant, email=email.lower()).first()
        if user is None:
            raise CommandError(f"{tenant} has no person with the address {email}.")
        provider = IdentityProvider.objects.filter(tenant=tenant).first()
        if provider:
            switch_off(provider=provider, by=None)
        password = secrets.token_urlsafe(18)
        user.set_password(password)
        user.is_active, user.standing = True, Standing.ACTIVE
        user.save(update_fields=["password", "is_active", "standing"])
        audit.record("user.password_reset", target=user, by=None, tenant=tenant)
        self.stdout.write(f"{tenant} signs in with passwords. {user.email}: {password}")
