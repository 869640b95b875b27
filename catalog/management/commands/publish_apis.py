"""Publishes the bundled APIs, or one document from a file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import slug_re

from catalog import bundled
from catalog.errors import DocumentRefused
from catalog.services import publish


class Command(BaseCommand):
    help = "Without arguments publishes the bundled APIs; with a path, that document under --slug."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("path", nargs="?", type=Path, help="an OpenAPI 3.0 or 3.1 document, JSON or YAML")
        parser.add_argument("--slug", help="the API's part of its address, such as my-api")

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path | None = options["path"]
        if path is None:
            for slug in bundled.slugs():
                self._publish(slug, bundled.source(slug), bundled.guides(slug))
            return
        if not options["slug"] or not slug_re.match(options["slug"]):
            raise CommandError("Give the API an address: --slug with letters, digits and dashes.")
        try:
            source = path.read_bytes()
        except OSError as error:
            raise CommandError(f"{path} cannot be read: {error.strerror}.") from None
        self._publish(options["slug"], source, [])

    def _publish(self, slug: str, source: bytes, guides: list[Any]) -> None:
        try:
            version = publish(slug=slug, source=source, guides=guides, by=None)
        except DocumentRefused as error:
            raise CommandError(f"{slug} is not published. {error}") from None
        self.stdout.write(f"{slug}: {version.title} {version.label}, {version.operations.count()} operations")
