"""After a new first key in PORTAL_ENCRYPTION_KEYS: moves every stored secret to it."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from portal.crypto import WrongKey, reencrypt


class Command(BaseCommand):
    help = "Encrypts every stored secret with the first key. May run beside the portal, and again."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            moved, kept = reencrypt()
        except WrongKey as error:
            raise CommandError(str(error)) from None
        self.stdout.write(f"{moved} moved to the first key, {kept} were there already.")
