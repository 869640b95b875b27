"""The request log: what was called lately, one line a call, never bodies or tokens."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from apps.models import App
from portal.tenancy.access import TenantRequest, tenant_view
from portal.tenancy.models import Role, Tenant
from usage.models import RequestLog
from usage.queries import log
from usage.queries.log import SLOW, STATUSES, Wanted
from usage.selection import ENVIRONMENTS, app_named, read_date

PER_PAGE = 50
TAIL = 100  # lines that a live log brings at once


@require_safe
@never_cache
@vary_on_headers("HX-Target")
@tenant_view(Role.VIEWER)
def requests(request: TenantRequest) -> HttpResponse:
    wanted = _wanted(request.GET, request.tenant)
    rows, pages = _page(request.tenant, wanted, request.GET)
    context = {"rows": named(request.tenant, rows), "wanted": wanted, **pages, **_choices(request.tenant)}
    is_swap = request.headers.get("HX-Target") == "requests"
    return render(request, "usage/_requests.html" if is_swap else "usage/requests.html", context)


@require_safe
@never_cache
@tenant_view(Role.VIEWER)
def tail(request: TenantRequest) -> HttpResponse:
    """The calls since `?since=event id`, and the next question; filters as on the page."""
    since = request.GET.get("since", "").replace("\0", "")[:26]
    found = log.calls(request.tenant, _wanted(request.GET, request.tenant)).filter(event__gt=since)
    rows = list(found[:TAIL])
    context = {
        "rows": named(request.tenant, rows),
        "newest": rows[0].event if rows else since,
        "is_live": True,
    }
    return render(request, "usage/_tail.html", context)


@never_cache
@tenant_view(Role.VIEWER)
def one_call(request: TenantRequest, event: str) -> HttpResponse:
    row = get_object_or_404(RequestLog.objects.of(request.tenant), pk=event.replace("\0", ""))
    [(call, app)] = named(request.tenant, [row])
    return render(request, "usage/request.html", {"call": call, "app": app})


def named(tenant: Tenant, rows: Sequence[RequestLog]) -> list[tuple[RequestLog, App | None]]:
    """Each call with its app, deleted ones too."""
    apps = {app.pk: app for app in App.objects.of(tenant).filter(pk__in={row.app_id for row in rows})}
    return [(row, apps.get(row.app_id)) for row in rows]


def _page(tenant: Tenant, wanted: Wanted, query: QueryDict) -> tuple[list[RequestLog], dict[str, Any]]:
    """Older than ?before= or newer than ?after= an event id: no page is counted, none is skipped to."""
    rows = log.calls(tenant, wanted)
    before, after = (query.get(name, "").replace("\0", "")[:26] for name in ("before", "after"))
    if after:
        found = list(rows.filter(event__gt=after).order_by("event")[: PER_PAGE + 1])
        has_newer, shown = len(found) > PER_PAGE, found[:PER_PAGE][::-1]
        has_older = bool(shown)
    else:
        found = list((rows.filter(event__lt=before) if before else rows)[: PER_PAGE + 1])
        has_older, shown = len(found) > PER_PAGE, found[:PER_PAGE]
        has_newer = bool(before)
    return shown, {
        "older": shown[-1].event if shown and has_older else "",
        "newer": shown[0].event if shown and has_newer else "",
        "newest": shown[0].event if shown else "",
        "is_live": query.get("live") == "1" and not before and not after,
    }


def _choices(tenant: Tenant) -> dict[str, Any]:
    since = tenant.today() - timedelta(days=settings.REQUEST_LOG_DAYS)
    return {
        "apps": App.objects.of(tenant).order_by("folded_name").values_list("public_id", "name", "deleted_at"),
        "operations": log.operations(tenant, since),
        "statuses": STATUSES,
        "slow": SLOW,
        "environments": ENVIRONMENTS,
        "kept_days": settings.REQUEST_LOG_DAYS,
    }


def _wanted(query: QueryDict, tenant: Tenant) -> Wanted:
    """Whatever cannot be read asks for nothing. Raises Http404 for an app of somebody else."""
    given = {name: str(value).replace("\0", "").strip() for name, value in query.items()}
    api, _, operation = given.get("operation", "").partition("/")
    return Wanted(
        app=app_named(given.get("app", ""), tenant),
        api=api[:60],
        operation=operation[:160],
        environment=_one_of(given.get("environment", ""), ENVIRONMENTS),
        status=_status(given.get("status", "")),
        slower=_one_of(given.get("slower", ""), SLOW),
        first=read_date(given.get("from")),
        last=read_date(given.get("to")),
        request_id=given.get("q", "")[:64],
    )


def _one_of(value: str, known: dict[str, str]) -> str:
    return value if value in known else ""


def _status(value: str) -> str:
    is_number = value.isascii() and value.isdigit() and len(value) == 3
    return value if is_number or value in STATUSES else ""
