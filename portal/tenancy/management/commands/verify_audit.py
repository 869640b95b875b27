"""Checks the chain of audit lines and names every row that was edited, deleted or moved."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from portal.tenancy.chain import Report, verify
from portal.tenancy.models import Tenant


class Command(BaseCommand):
    help = "Checks the audit log of one account, or of all accounts and the operator."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("account", nargs="?", help="account name; all when left out")

    def handle(self, *args: Any, **options: Any) -> None:
        chosen: list[Tenant | None]
        if options["account"]:
            chosen = [Tenant.objects.filter(slug=options["account"].lower()).first()]
            if chosen == [None]:
                raise CommandError(f"There is no account with the short name “{options['account']}”.")
        else:
            chosen = [None, *Tenant.objects.order_by("slug")]
        bad = sum(self._tell(tenant.slug if tenant else "operator", verify(tenant)) for tenant in chosen)
        if bad:
            raise CommandError(f"{bad} defect{'' if bad == 1 else 's'} found.")

    def _tell(self, name: str, report: Report) -> int:
        state = "whole" if not report.defects else "BROKEN"
        before = f", {report.uncovered} from before the chain" if report.uncovered else ""
        self.stdout.write(f"{name}: {state}, {report.lines} lines{before}, head {report.head[:16] or '-'}")
        for defect in report.defects:
            row = f"row {defect.line}" if defect.line else "no row"
            self.stdout.write(f"  number {defect.sequence} ({row}): {defect.problem}")
        return len(report.defects)
