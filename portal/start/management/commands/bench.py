"""Measures this machine's figures: starts its own servers on loopback, compares within one run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from portal.bench import browser, catalog, gateway, memory, token, usage


class Command(BaseCommand):
    help = (
        "Prints requests per second, p50, p99 and CPU per call, beside a yardstick measured in the same run."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("what", choices=["browser", "catalog", "gateway", "memory", "token", "usage"])
        parser.add_argument(
            "--database", help="a PostgreSQL URL to an empty database (default: an embedded one)"
        )
        parser.add_argument("--workers", type=int, default=2)
        parser.add_argument("--clients", type=int, default=16)
        parser.add_argument("--rounds", type=int, default=3)
        parser.add_argument("--seconds", type=float, default=4.0)
        parser.add_argument("--node-modules", type=Path, help="browser: where the other reference pages are")
        parser.add_argument(
            "--document",
            type=Path,
            help="browser: an OpenAPI document as JSON (default: a made one of 12 MB)",
        )
        parser.add_argument("--against", help="gateway: the command of another server, {port} where it goes")
        parser.add_argument(
            "--hours", type=int, default=20_000_000, help="hour rows that usage is asked over"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        asked = {name: options[name] for name in ("database", "clients", "rounds", "seconds")}
        if options["what"] == "catalog":
            lines = catalog.run(database=options["database"], rounds=100)
        elif options["what"] == "memory":
            lines = memory.run(database=options["database"])
        elif options["what"] == "browser":
            lines = browser.run(
                modules=options["node_modules"] or Path("node_modules"),
                rounds=options["rounds"],
                document=options["document"],
            )
        elif options["what"] == "gateway":
            lines = gateway.run(workers=options["workers"], against=options["against"], **asked)
        elif options["what"] == "usage":
            lines = usage.run(database=options["database"], rounds=options["rounds"], hours=options["hours"])
        else:
            lines = token.run(**asked)
        self.stdout.write("\n".join(lines))
