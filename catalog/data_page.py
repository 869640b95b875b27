"""Pages that an API's document declares over what its sandbox holds: a tenant's own rows, to be read.

x-sandbox:
  pages:
    history:                       # stands at /catalog/<api>/history/
      title: Import history
      lead: Uploads that are complete.
      empty: Nothing yet.
      collection: imports
      where: {state: completed}    # only rows with these values
      sort: -completedAt           # a property, with a minus for the greatest first
      columns:
        - {title: Finished, field: completedAt, as: time}    # text, number or time
        - {title: What, field: kind, words: {eventTypes: Event types}}
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from catalog.queries import current_version, sandbox_rows
from portal.tenancy.access import TenantRequest, tenant_view
from portal.tenancy.models import Role

PER_PAGE = 50
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Cell:
    title: str
    kind: Literal["text", "number", "time"]
    value: Any


@never_cache
@require_safe
@tenant_view(Role.VIEWER)
def page(request: TenantRequest, slug: str, name: str) -> HttpResponse:
    version = current_version(slug)
    declared = declared_pages(version.outline()).get(name) if version else None
    if version is None or declared is None:
        raise Http404
    rows = _chosen(declared, sandbox_rows(request.tenant, slug, str(declared["collection"])))
    found = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "slug": slug,
        "version": version,
        "declared": declared,
        "page": found,
        "rows": [_cells(declared, row) for row in found],
    }
    return render(request, "catalog/data.html", context)


def declared_pages(outline: dict[str, Any]) -> dict[str, Any]:
    """The well-formed ones: a document may come from anywhere."""
    pages = (outline.get("x-sandbox") or {}).get("pages")
    return {str(name): one for name, one in pages.items() if _is_one(one)} if isinstance(pages, dict) else {}


def _is_one(page: Any) -> bool:
    if not isinstance(page, dict) or not {"title", "collection"} <= page.keys():
        return False
    columns = page.get("columns")
    if not isinstance(page.get("where", {}), dict) or not isinstance(columns, list) or not columns:
        return False
    return all(
        isinstance(one, dict) and isinstance(one.get("field"), str) and isinstance(one.get("words", {}), dict)
        for one in columns
    )


def _chosen(declared: Row, rows: Iterable[Row]) -> list[Row]:
    wanted = declared.get("where", {})
    found = [row for row in rows if all(row.get(name) == value for name, value in wanted.items())]
    sort = str(declared.get("sort", ""))
    if sort.startswith("-"):
        found.reverse()  # of equal ones too the latest comes first
    if sort:
        found.sort(key=_by(sort.removeprefix("-")), reverse=sort.startswith("-"))
    return found


def _by(name: str) -> Callable[[Row], tuple[bool, str, float]]:
    """Rows without a value first; numbers as numbers, everything else as text."""

    def key(row: Row) -> tuple[bool, str, float]:
        value = row.get(name)
        if isinstance(value, (int, float)):
            return True, "", float(value)
        return value is not None, str(value), 0.0

    return key


def _cells(declared: Row, row: Row) -> list[Cell]:
    return [_cell(one, row.get(one["field"])) for one in declared["columns"]]


def _cell(column: Row, value: Any) -> Cell:
    title, kind = str(column.get("title", column["field"])), column.get("as", "text")
    if kind == "time":
        return Cell(title, "time", _moment(value))
    shown = column.get("words", {}).get(str(value), value)
    if kind == "number" and isinstance(shown, (int, float)):
        return Cell(title, "number", shown)
    return Cell(title, "text", "" if shown is None else str(shown)[:300])


def _moment(value: Any) -> datetime | None:
    """Of RFC 3339 or of epoch milliseconds; None for what is neither."""
    try:
        if isinstance(value, (int, float)):
            return datetime.fromtimestamp(value / 1000, UTC)
        found = datetime.fromisoformat(str(value))
    except (ValueError, OverflowError, OSError):
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
