"""Publishing: a document becomes a version, built aside and switched in one transaction."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Max

from apps.services import publish_scopes
from catalog.models import Api, ApiVersion, Guide, Operation, pack
from catalog.openapi.document import OperationSource, check, frame, operations
from catalog.openapi.read import read
from portal import stamps
from portal.tenancy import audit
from portal.tenancy.models import User


@dataclass(frozen=True, slots=True)
class GuideSource:
    """A Markdown file of an API's folder; its title is its first heading."""

    slug: str
    text: str

    @property
    def title(self) -> str:
        first = self.text.lstrip().split("\n", 1)[0]
        return first.lstrip("# ").strip() or self.slug


def publish(
    *, slug: str, source: bytes, guides: list[GuideSource] | None = None, by: User | None
) -> ApiVersion:
    """Publishes a new version, or returns the current one when nothing changed.

    Raises DocumentRefused with the place of the fault; then nothing has changed.
    """
    guides = guides or []
    digest = _digest(source, guides)
    current = ApiVersion.objects.filter(api__slug=slug).defer("source").first()
    if current and current.digest == digest:
        return current
    document = read(source)
    check(document)
    found = list(operations(document))
    with transaction.atomic():
        version = _build(slug, document, digest, found, guides)
        publish_scopes(api=slug, scopes=_scopes(frame(document)))
        version.api.current = version
        version.api.save(update_fields=["current"])
        audit.record("api.published", target=version, by=by, tenant=None)
    stamps.publish(f"api:{slug}", version.number)
    return version


def _build(
    slug: str,
    document: dict[str, Any],
    digest: str,
    found: list[OperationSource],
    guides: list[GuideSource],
) -> ApiVersion:
    """The new version beside the current one, with its operations and guides."""
    info = document["info"]
    api, _ = Api.objects.get_or_create(slug=slug)
    version = ApiVersion.objects.create(
        api=api,
        number=(api.versions.aggregate(Max("number"))["number__max"] or 0) + 1,
        title=info["title"][:200],
        label=str(info.get("version", ""))[:60],
        summary=str(info.get("summary", ""))[:500],
        digest=digest,
        source=pack(document),
        frame=pack(frame(document)),
    )
    Operation.objects.bulk_create(
        (_operation(version, position, one) for position, one in enumerate(found)), batch_size=500
    )
    Guide.objects.bulk_create(
        Guide(version=version, slug=guide.slug, title=guide.title, text=guide.text, position=position)
        for position, guide in enumerate(guides)
    )
    return version


def _operation(version: ApiVersion, position: int, one: OperationSource) -> Operation:
    return Operation(
        version=version,
        operation_id=one.operation_id,
        method=one.method,
        path=one.path[:500],
        group=one.group[:200],
        summary=one.summary[:500],
        deprecated=one.deprecated,
        position=position,
        closure=pack(one.definition),
    )


def _scopes(outline: dict[str, object]) -> dict[str, str]:
    """Scope to description, over all OAuth flows of the document."""
    schemes = outline.get("securitySchemes")
    flows = [
        flow
        for scheme in (schemes.values() if isinstance(schemes, dict) else ())
        if isinstance(scheme, dict) and scheme.get("type") == "oauth2"
        for flow in (scheme.get("flows") or {}).values()
        if isinstance(flow, dict)
    ]
    return {str(name): str(text) for flow in flows for name, text in (flow.get("scopes") or {}).items()}


def _digest(source: bytes, guides: list[GuideSource]) -> str:
    digest = hashlib.sha256(source)
    for guide in guides:
        digest.update(b"\0" + guide.slug.encode() + b"\0" + guide.text.encode())
    return digest.hexdigest()
