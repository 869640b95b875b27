"""Closes the portal's pages for a while, and opens them again."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from portal.front import maintenance


class Command(BaseCommand):
    help = "Closes the pages of this machine's portal (503 with Retry-After), or opens them again."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("switch", choices=["on", "off"])
        parser.add_argument("--minutes", type=int, help="how long it will probably take")
        parser.add_argument("--text", default="", help="a sentence for people who come meanwhile")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["switch"] == "off":
            said = "Pages are open again." if maintenance.end() else "Pages were open."
            self.stdout.write(said)
            return
        minutes = options["minutes"]
        until = timezone.now() + timedelta(minutes=minutes) if minutes else None
        maintenance.begin(options["text"], until)
        self.stdout.write("Pages are closed; API calls go on. Open them with: manage.py maintenance off")
