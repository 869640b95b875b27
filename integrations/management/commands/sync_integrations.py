"""Starts the syncs that are due, as beat does; or one now."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from integrations.engine import syncing
from integrations.errors import IntegrationError
from integrations.models import Integration, Sync
from integrations.services.scheduling import start_due
from integrations.services.syncing import start_sync
from portal.runs.models import Run
from portal.runs.services import AlreadyRunning, perform


class Command(BaseCommand):
    help = "Queues every sync whose planned moment has come; with an id, that integration's sync now."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "integration", nargs="?", type=int, help="the number in the integration's address"
        )
        parser.add_argument("--dry-run", action="store_true", help="only list what would change")
        parser.add_argument(
            "--here", action="store_true", help="do the work in this process, without a worker"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["integration"] is None:
            self.stdout.write(f"{start_due()} syncs started.")
            return
        sync = self._start(options["integration"], is_dry=options["dry_run"])
        if options["here"]:
            perform(sync.run_id, syncing.work)
        run = Run.objects.get(pk=sync.run_id)
        self.stdout.write(f"Run {run.pk}: {run.get_state_display().lower()}. {run.message}".strip())

    def _start(self, number: int, *, is_dry: bool) -> Sync:
        integration = Integration.objects.filter(pk=number).first()
        if integration is None:
            raise CommandError(f"There is no integration {number}.")
        try:
            return start_sync(integration=integration, is_dry=is_dry, by=None)
        except (IntegrationError, AlreadyRunning) as error:
            raise CommandError(str(error)) from None
