"""Runs a simulated HR system on a local port."""

from __future__ import annotations

import contextlib
import time
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from integrations.simulators.bamboohr import Simulator
from integrations.simulators.company import DEMO_KEY, Company, crowd, demo


class Command(BaseCommand):
    help = "A simulated HR system on this machine. Point PORTAL_BAMBOOHR_URL at the address it prints."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("provider", choices=["bamboohr"])
        parser.add_argument("--port", type=int, default=8001)
        parser.add_argument("--latency", type=float, default=0.0, help="seconds before each answer")
        parser.add_argument("--employees", type=int, help="adds a company “crowd” with so many people")

    def handle(self, *args: Any, **options: Any) -> None:
        began = time.perf_counter()
        companies = [demo_company()]
        if options["employees"]:
            companies.append(crowd(options["employees"]))
        simulator = Simulator(companies, port=options["port"], latency=options["latency"])
        people = sum(len(company.employees) for company in companies)
        took = time.perf_counter() - began
        self.stdout.write(f"BambooHR is simulated for {people:,} employees ({took:.2f} s to make them).")
        self.stdout.write(f"  PORTAL_BAMBOOHR_URL={simulator.address}")
        self.stdout.write(f"  PORTAL_PRIVATE_ORIGINS=http://127.0.0.1:{simulator.port}")
        for company in companies:
            self.stdout.write(f"  company domain {company.domain}, API key {company.key}")
        self.stdout.flush()
        with contextlib.suppress(KeyboardInterrupt):
            simulator.serve_forever(poll_interval=0.2)


def demo_company() -> Company:
    """The people of a fresh workforce sandbox, as HR knows them."""
    from catalog.apis.workforce.seed import rows

    return demo(rows(timezone.now().date())["employees"])


__all__ = ["DEMO_KEY", "Command", "demo_company"]
