"""The pages of usage."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from portal.tenancy.access import TenantRequest, tenant_view
from portal.tenancy.models import Role, Tenant
from usage import chart, queries
from usage.queries import Line
from usage.selection import Selection, selection

PER_PAGE = 50


@dataclass(frozen=True, slots=True)
class Shown:
    line: Line
    rank: int  # its colour in the picture


@require_safe
@never_cache
@vary_on_headers("HX-Target")
@tenant_view(Role.VIEWER)
def dashboard(request: TenantRequest) -> HttpResponse:
    asked = selection(request.GET, request.tenant)
    context = _context(request.tenant, asked, request.GET.get("page"))
    is_swap = request.headers.get("HX-Target") == "usage"
    return render(request, "usage/_report.html" if is_swap else "usage/dashboard.html", context)


def _context(tenant: Tenant, asked: Selection, page: str | None) -> dict[str, Any]:
    by = queries.calls_by_operation if asked.by == "endpoint" else queries.calls_by_app
    report = by(tenant, asked.period)
    lines = _matching(report.lines, asked.search)
    rank = chart.ranks(lines)
    rows = [Shown(line, rank[line.key]) for line in _sorted(lines, asked.sort)]
    return {
        "tenant": tenant,
        "asked": asked,
        "sort": asked.sort,
        "has_calls": bool(report.lines),
        "total": queries.totals(lines),
        "page": Paginator(rows, PER_PAGE).get_page(page),
        "legend": _legend(lines),
        "figure": chart.figure(report, lines, asked.period.unit, tenant.zone) if lines else "",
    }


def _matching(lines: list[Line], search: str) -> list[Line]:
    wanted = search.casefold()
    return [line for line in lines if wanted in f"{line.name} {line.note}".casefold()]


def _sorted(lines: list[Line], sort: str) -> list[Line]:
    field = sort.removeprefix("-")
    attribute = {"rate": "error_rate"}.get(field, field)

    def rank(line: Line) -> Any:
        value = getattr(line, attribute)
        return value.casefold() if isinstance(value, str) else value or 0

    return sorted(lines, key=rank, reverse=sort.startswith("-"))


def _legend(lines: Sequence[Line]) -> list[tuple[int, str]]:
    named = [(rank, key) for key, rank in chart.ranks(lines).items() if rank != chart.OTHER]
    names = {line.key: line.name for line in lines}
    legend = [(rank, names[key]) for rank, key in sorted(named)]
    rest = len(lines) - len(legend)
    return [*legend, (chart.OTHER, f"Other ({rest})")] if rest else legend
