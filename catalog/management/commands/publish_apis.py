"""Publishes the bundled APIs, or one document from a file or an address."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import slug_re

from catalog import bundled
from catalog.errors import CatalogError
from catalog.services import GuideSource, largest_document, publish
from portal.fetch import FetchError, fetch


class Command(BaseCommand):
    help = (
        "Without arguments publishes the bundled APIs; with a path or an address, that document under --slug."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "document",
            nargs="?",
            help="an OpenAPI 3.0 or 3.1 document, JSON or YAML: a file or an https address",
        )
        parser.add_argument("--slug", help="the API's part of its address, such as my-api")
        parser.add_argument("--guides", type=Path, help="a folder of Markdown files to publish beside it")

    def handle(self, *args: Any, **options: Any) -> None:
        document: str | None = options["document"]
        if document is None:
            for slug in bundled.slugs():
                self._publish(slug, bundled.source(slug), bundled.guides(slug))
            return
        if not options["slug"] or not slug_re.match(options["slug"]) or len(options["slug"]) > 60:
            raise CommandError("Give the API an address: --slug with letters, digits and dashes, at most 60.")
        source = _fetched(document) if "://" in document else _read(Path(document))
        guides = [
            GuideSource(path.stem, _read(path).decode("utf-8", "replace"))
            for path in sorted(options["guides"].glob("*.md") if options["guides"] else ())
        ]
        self._publish(options["slug"], source, guides)

    def _publish(self, slug: str, source: bytes, guides: list[GuideSource]) -> None:
        try:
            version = publish(slug=slug, source=source, guides=guides, by=None)
        except CatalogError as error:
            raise CommandError(f"{slug} is not published. {error}") from None
        count = version.operations.count()
        self.stdout.write(f"{slug}: {version.title} {version.label}, {count:,} operations")


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(largest_document() + 1)  # one more tells that it is too large
    except OSError as error:
        raise CommandError(f"{path} cannot be read: {error.strerror}.") from None


def _fetched(address: str) -> bytes:
    try:
        answer = fetch(address, limit=largest_document(), total=60.0)
    except FetchError as error:
        raise CommandError(f"{error} The document can also be given as a file.") from None
    if answer.status != 200:
        raise CommandError(f"{address} answered {answer.status}, not 200. Redirects are not followed.")
    return answer.body
