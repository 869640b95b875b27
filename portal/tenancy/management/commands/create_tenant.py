"""Creates a tenant and, if asked, its first admin."""

from __future__ import annotations

import getpass
import os
from typing import Any

from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from portal.tenancy.errors import TenancyError
from portal.tenancy.models import Region
from portal.tenancy.services import create_tenant, create_user


class Command(BaseCommand):
    help = (
        "Creates a tenant; with --admin also its first admin (password asked, or from PORTAL_ADMIN_PASSWORD)."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", help="account name, as people type it at sign-in")
        parser.add_argument("--region", choices=Region.values, default=Region.US)
        parser.add_argument("--time-zone", default="UTC")
        parser.add_argument("--admin", metavar="EMAIL", help="e-mail of the first admin")

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        try:
            tenant = create_tenant(
                name=options["name"], region=options["region"], time_zone=options["time_zone"], by=None
            )
        except TenancyError as error:
            raise CommandError(str(error)) from None
        if options["admin"]:
            password = os.environ.get("PORTAL_ADMIN_PASSWORD") or getpass.getpass("Password: ")
            try:
                validate_password(password)
            except ValidationError as error:
                raise CommandError(" ".join(error.messages)) from None
            create_user(tenant=tenant, email=options["admin"], password=password, by=None)
        address = f"{settings.PORTAL_URL}/signin/"
        said = f"Created {tenant.name}. People sign in at {address} with the account name “{tenant.slug}”."
        if not options["admin"]:
            said += f"\nNobody is in it yet. Invite its first admin: manage.py invite {tenant.slug} E-MAIL"
        self.stdout.write(said)
