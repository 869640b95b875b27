"""The state of a list, read from its address: order and page."""

from __future__ import annotations

from typing import Any, TypeVar

from django.core.paginator import Page, Paginator
from django.db.models import Model, QuerySet
from django.http import HttpRequest

Row = TypeVar("Row", bound=Model)
PER_PAGE = 25


def ordered(
    request: HttpRequest, rows: QuerySet[Row], columns: dict[str, tuple[str, ...]], default: str
) -> tuple[QuerySet[Row], str]:
    """The rows by ?sort=column or -column of `columns` (name → fields), and the order that was used.

    An unknown column means `default`. The primary key settles ties, so that no row shows on two pages.
    """
    sort = request.GET.get("sort", default)
    if sort.removeprefix("-") not in columns:
        sort = default
    sign = "-" if sort.startswith("-") else ""
    fields = [f"{sign}{field}" for field in columns[sort.removeprefix("-")]]
    return rows.order_by(*fields, f"{sign}pk"), sort


def page_of(request: HttpRequest, rows: QuerySet[Row]) -> Page[Any]:
    """The page that ?page= asks for; the nearest one there is when it does not exist."""
    return Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
