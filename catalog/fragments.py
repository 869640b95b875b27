"""The parts of a page that are the same for every reader: rendered once per process and version.

A version's digest is part of every key: what is kept under it can never become wrong.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from catalog import reference
from catalog.markdown import linked
from catalog.models import ApiVersion, Operation
from catalog.queries import guides_of, operations_of

MOST_LISTED = 100  # operations in the menu and on the API's home; an API with more shows one group of them
NEAR = 30  # operations around the current one, in a large group's menu


class Kept:
    """A version as a key: equal when its content is."""

    __slots__ = ("slug", "version")

    def __init__(self, version: ApiVersion, slug: str) -> None:
        self.version, self.slug = version, slug

    def __hash__(self) -> int:
        return hash((self.version.digest, self.slug))

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, Kept)
            and self.version.digest == other.version.digest
            and self.slug == other.slug
        )


@lru_cache(maxsize=512)
def menu(of: Kept, group: str, position: int | None, here: str) -> SafeString:
    """The API's contents. Its size is bounded, whatever the document's is. `here` names a page or a guide."""
    groups: list[dict[str, Any]] = of.version.outline().get("groups") or []
    context = {
        "slug": of.slug,
        "version": of.version,
        "here": here,
        "position": position,
        "guides": list(guides_of(of.version)),
        "menu": _groups(of.version, groups, group, position),
    }
    return SafeString(render_to_string("catalog/_menu.html", context))


def _groups(
    version: ApiVersion, groups: list[dict[str, Any]], group: str, position: int | None
) -> list[dict[str, Any]]:
    """The groups; each with its operations, or only the current one, and of that only what is near."""
    operations = operations_of(version)
    if sum(one["count"] for one in groups) > MOST_LISTED:
        operations = operations.filter(group=group)
        if position is not None:
            operations = operations.filter(position__range=(position - NEAR, position + NEAR))
        operations = operations[: 2 * NEAR + 1]
    listed: dict[str, list[Operation]] = {}
    for one in operations:
        listed.setdefault(one.group, []).append(one)
    current = next((place for place, one in enumerate(groups) if one["name"] == group), 0)
    first = max(0, min(current - MOST_LISTED // 2, len(groups) - MOST_LISTED))
    shown = groups[first : first + MOST_LISTED]
    return [
        one | {"operations": listed.get(one["name"], []), "is_here": one["name"] == group} for one in shown
    ]


@lru_cache(maxsize=128)
def operation(of: Kept, operation_id: str) -> dict[str, Any]:
    """The reference of an operation and its samples, as HTML. Raises Operation.DoesNotExist."""
    found = operations_of(of.version).get(operation_id=operation_id)
    page = reference.page_of(found.pk, of.version.digest, of.slug)
    beside = operations_of(of.version).filter(position__in=[found.position - 1, found.position + 1])
    near = {one.position: one for one in beside}
    context = {
        "slug": of.slug,
        "operation": found,
        "page": page,
        "before": near.get(found.position - 1),
        "after": near.get(found.position + 1),
    }
    return {
        "operation": found,
        "page": page,
        "body": linked(render_to_string("catalog/_operation_body.html", context), of.slug),
        "side": SafeString(render_to_string("catalog/_operation_side.html", context)),
    }
