"""Publishing: a document becomes a version, built aside and switched in one transaction."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any, TypeVar

from django.conf import settings
from django.db import IntegrityError, transaction

from apps.errors import ScopeTaken
from apps.services import publish_scopes
from catalog.errors import DocumentRefused, PublishedMeanwhile
from catalog.models import Api, ApiVersion, Guide, Operation, Schema
from catalog.openapi.document import published_scopes
from catalog.openapi.read import LARGEST
from catalog.openapi.sealed import sealed
from portal import stamps
from portal.tenancy import audit
from portal.tenancy.models import User

Row = TypeVar("Row", Operation, Schema)
FORMAT = b"2"  # of what a version stores: another one makes the same document a new version
RESERVED = frozenset(["search", "changelog", "news", "feed", "try"])  # beside /catalog/<slug>/


@dataclass(frozen=True, slots=True)
class GuideSource:
    """A Markdown file of an API's folder; its title is its first heading."""

    slug: str
    text: str

    @property
    def title(self) -> str:
        first = self.text.lstrip().split("\n", 1)[0]
        return first.lstrip("# ").strip() or self.slug


def largest_document() -> int:
    """Bytes; the operator may allow more."""
    return int(getattr(settings, "CATALOG_DOCUMENT_LIMIT", LARGEST))


def publish(
    *, slug: str, source: bytes, guides: list[GuideSource] | None = None, by: User | None
) -> ApiVersion:
    """Publishes a new version, or returns the current one when nothing changed.

    Raises DocumentRefused with the place of the fault, PublishedMeanwhile; then nothing has changed.
    """
    if slug in RESERVED:
        raise DocumentRefused(f"“{slug}” is a page of the catalog. Choose another address.")
    guides = guides or []
    digest = _digest(source, guides)
    current = _current(slug)
    if current and current.digest == digest:
        return current
    told = [(guide.slug, guide.title, guide.text) for guide in guides]
    with sealed(source, guides=told, before=_before(current), largest=largest_document()) as (head, blobs):
        version = _settle(slug, current, digest, head, blobs, guides, by)
    stamps.publish(f"api:{slug}", version.number)
    return version


def _current(slug: str) -> ApiVersion | None:
    return (
        ApiVersion.objects.filter(api__slug=slug)
        .defer("source", "index", "changes")
        .order_by("-number")
        .first()
    )


def _before(current: ApiVersion | None) -> dict[str, tuple[dict[str, Any], bytes]] | None:
    if current is None:
        return None
    columns = ("operation_id", "method", "path", "summary", "closure")
    return {
        row["operation_id"]: (row, bytes(row.pop("closure"))) for row in current.operations.values(*columns)
    }


def _settle(
    slug: str,
    current: ApiVersion | None,
    digest: str,
    head: dict[str, Any],
    blobs: Iterator[bytes],
    guides: list[GuideSource],
    by: User | None,
) -> ApiVersion:
    """The number follows the version that this one was compared with: of parallel publishes one wins."""
    try:
        with transaction.atomic():
            version = _build(slug, (current.number if current else 0) + 1, digest, head, blobs)
            _guides(version, guides, head["frame"].get("x-guides"))
            publish_scopes(api=slug, scopes=published_scopes(head["frame"]))
            Api.objects.filter(pk=version.api_id).update(current=version)
            version.api.current = version
            audit.record("api.published", target=version, by=by, tenant=None)
    except IntegrityError:
        newest = _current(slug)
        if newest and newest.digest == digest:
            return newest
        if newest and (current is None or newest.number > current.number):
            raise PublishedMeanwhile(
                f"Somebody else published version {newest.number} of “{slug}” at the same moment. "
                "Look at it, then publish yours again."
            ) from None
        raise
    except ScopeTaken as error:
        raise DocumentRefused(
            f"{error} A token for one API must not open another: rename the scope in one of the documents.",
            "/components/securitySchemes",
        ) from None
    return version


def _build(slug: str, number: int, digest: str, head: dict[str, Any], blobs: Iterator[bytes]) -> ApiVersion:
    """The new version beside the current one, with its operations and schemas."""
    api, _ = Api.objects.get_or_create(slug=slug)
    source, frame, index, changes = (next(blobs) for _ in range(4))
    version = ApiVersion.objects.create(
        api=api,
        number=number,
        title=head["title"],
        label=head["label"],
        summary=head["summary"],
        digest=digest,
        source=source,
        frame=frame,
        index=index,
        changes=changes,
        change_count=head["change_count"],
        breaking_count=head["breaking_count"],
    )
    operations = (
        Operation(version=version, position=position, closure=next(blobs), **row)
        for position, row in enumerate(head["operations"])
    )
    for some in _batches(operations):
        Operation.objects.bulk_create(some)
    schemas = (
        Schema(version=version, position=position, name=name, closure=next(blobs))
        for position, name in enumerate(head["schemas"])
    )
    for batch in _batches(schemas):
        Schema.objects.bulk_create(batch)
    return version


def _batches(rows: Iterator[Row], size: int = 100) -> Iterator[list[Row]]:
    while some := list(islice(rows, size)):
        yield some


def _guides(version: ApiVersion, guides: list[GuideSource], order: Any) -> None:
    """In the order of the document's `x-guides`; the others after them, by address."""
    wanted = [str(slug) for slug in order] if isinstance(order, list) else []
    places = {slug: place for place, slug in enumerate(wanted)}
    ordered = sorted(guides, key=lambda guide: (places.get(guide.slug, len(places)), guide.slug))
    Guide.objects.bulk_create(
        Guide(version=version, slug=guide.slug, title=guide.title[:200], text=guide.text, position=position)
        for position, guide in enumerate(ordered)
    )


def _digest(source: bytes, guides: list[GuideSource]) -> str:
    digest = hashlib.sha256(FORMAT + b"\0" + source)
    for guide in guides:
        digest.update(b"\0" + guide.slug.encode() + b"\0" + guide.text.encode())
    return digest.hexdigest()
