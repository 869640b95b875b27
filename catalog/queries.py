"""Reading the published APIs."""

from __future__ import annotations

from django.db.models import QuerySet

from catalog.models import Api, ApiVersion, Guide, Operation


def published() -> QuerySet[Api]:
    return Api.objects.filter(current__isnull=False).select_related("current").defer("current__source")


def current_version(slug: str) -> ApiVersion | None:
    """What is on offer under this slug; without the whole document, which no page needs."""
    api = published().filter(slug=slug).first()
    return api.current if api else None


def operations_of(version: ApiVersion) -> QuerySet[Operation]:
    return version.operations.defer("closure")


def guides_of(version: ApiVersion) -> QuerySet[Guide]:
    return version.guides.defer("text")
