"""The changelog: versions with what changed in them, and what of it a tenant's apps call."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from typing import Any

from catalog.models import ApiVersion
from catalog.queries import recent_calls
from portal.tenancy.models import Tenant

SHOWN = 30  # versions on a page
SHOWN_CHANGES = 400  # of one version


@dataclass(slots=True)
class Touched:
    """The changes of one operation."""

    operation: str
    method: str
    path: str
    summary: str
    changes: list[dict[str, Any]]
    calls: int  # by the tenant's apps in the last 30 days
    is_there: bool  # still on offer, so that its page can be linked

    @property
    def is_breaking(self) -> bool:
        return any(change["breaking"] for change in self.changes)


@dataclass(slots=True)
class Entry:
    slug: str
    title: str
    label: str
    number: int
    published: datetime
    change_count: int
    breaking_count: int
    touched: list[Touched] = field(default_factory=list)

    @property
    def is_first(self) -> bool:
        return self.number == 1

    @property
    def called(self) -> list[Touched]:
        return [one for one in self.touched if one.calls]

    @property
    def hidden(self) -> int:
        return self.change_count - sum(len(one.changes) for one in self.touched)


def entries(tenant: Tenant | None, *, slug: str | None = None, most: int = SHOWN) -> list[Entry]:
    """Newest first; versions in which nothing changed for clients are left out."""
    versions = ApiVersion.objects.select_related("api").defer("source", "index", "frame")
    if slug:
        versions = versions.filter(api__slug=slug)
    calls = recent_calls(tenant) if tenant else {}
    found = versions.exclude(number__gt=1, change_count=0).order_by("-published", "-pk")[:most]
    return [_entry(version, calls) for version in found]


def _entry(version: ApiVersion, calls: dict[tuple[str, str], int]) -> Entry:
    slug = version.api.slug
    changes = sorted(version.change_list()[:SHOWN_CHANGES], key=lambda one: not one["breaking"])
    by_operation = groupby(
        sorted(changes, key=lambda one: str(one["operation"])), lambda one: one["operation"]
    )
    touched = []
    for operation, some in by_operation:
        listed = list(some)
        first = listed[0]
        touched.append(
            Touched(
                operation=operation,
                method=first["method"],
                path=first["path"],
                summary=first["summary"],
                changes=listed,
                calls=calls.get((slug, operation), 0),
                is_there=not any(one["kind"] == "removed" and not one["place"] for one in listed),
            )
        )
    touched.sort(key=lambda one: (-one.calls, not one.is_breaking, one.summary))
    return Entry(
        slug=slug,
        title=version.title,
        label=version.label,
        number=version.number,
        published=version.published,
        change_count=version.change_count,
        breaking_count=version.breaking_count,
        touched=touched,
    )
