"""The dashboard: one selection in the address, its picture and its table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from portal.tenancy.access import TenantRequest, tenant_view
from portal.tenancy.models import Role, Tenant
from usage import chart
from usage.bars import bars
from usage.queries import APP, ENDPOINT, Asked, Line, report, totals
from usage.queries.gaps import gaps_in
from usage.selection import Selection, app_named, selection

PER_PAGE = 50
MOST_PARTS = 20


@dataclass(frozen=True, slots=True)
class Shown:
    line: Line
    rank: int  # its colour in the picture
    parts: list[Line] = field(default_factory=list)  # of an opened line: an app's endpoints, and so on
    more: int = 0  # parts that are not shown


@require_safe
@never_cache
@vary_on_headers("HX-Target")
@tenant_view(Role.VIEWER)
def dashboard(request: TenantRequest) -> HttpResponse:
    chosen = selection(request.GET, request.tenant)
    context = _context(request.tenant, chosen, request.GET.get("page"))
    is_swap = request.headers.get("HX-Target") == "usage"
    return render(request, "usage/_report.html" if is_swap else "usage/dashboard.html", context)


def _context(tenant: Tenant, chosen: Selection, page: str | None) -> dict[str, Any]:
    found = report(tenant, chosen.asked())
    lines = matching(found.lines, chosen.search)
    rank = chart.ranks(lines)
    rows = [Shown(line, rank[line.key]) for line in in_order(lines, chosen.sort)]
    shown = Paginator(rows, PER_PAGE).get_page(page)
    shown.object_list = [_opened(tenant, chosen, row) for row in shown.object_list]
    return {
        "tenant": tenant,
        "asked": chosen,
        "sort": chosen.sort,
        "has_calls": bool(found.lines),
        "total": totals(lines),
        "before": found.before,
        "page": shown,
        "legend": _legend(lines),
        "gaps": gaps_in(tenant, chosen.period),
        "figure": chart.figure(found, lines, chosen.period.unit, tenant.zone) if lines else "",
        "bars": bars(found, lines, chosen.period.unit, tenant.zone) if lines else None,
    }


def matching(lines: list[Line], search: str) -> list[Line]:
    wanted = search.casefold()
    return [line for line in lines if wanted in f"{line.name} {line.note} {line.ref}".casefold()]


def in_order(lines: list[Line], sort: str) -> list[Line]:
    name = sort.removeprefix("-")
    attribute = {"rate": "error_rate"}.get(name, name)

    def rank(line: Line) -> Any:
        value = getattr(line, attribute)
        return value.casefold() if isinstance(value, str) else value or 0

    return sorted(lines, key=rank, reverse=sort.startswith("-"))


def _opened(tenant: Tenant, chosen: Selection, row: Shown) -> Shown:
    """The line that the address opens, with what it is made of."""
    if row.line.ref != chosen.open or not chosen.open:
        return row
    asked: Asked = chosen.asked()
    if asked.by == APP:
        inner = replace(asked, by=ENDPOINT, app=app_named(row.line.ref, tenant))
    else:
        inner = replace(asked, by=APP, endpoint=(row.line.note, row.line.name))
    parts = report(tenant, inner).lines
    return replace(row, parts=parts[:MOST_PARTS], more=max(0, len(parts) - MOST_PARTS))


def _legend(lines: Sequence[Line]) -> list[tuple[int, str]]:
    named = [(rank, key) for key, rank in chart.ranks(lines).items() if rank != chart.OTHER]
    names = {line.key: line.name for line in lines}
    legend = [(rank, names[key]) for rank, key in sorted(named)]
    rest = len(lines) - len(legend)
    return [*legend, (chart.OTHER, f"Other ({rest})")] if rest else legend
