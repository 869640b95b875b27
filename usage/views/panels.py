"""Pieces that other pages show through their URL: usage on the home page, limit and use on an app's page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.cache import never_cache

from apps.models import App
from portal.tenancy.access import TenantRequest, tenant_view
from portal.tenancy.models import Role, Tenant
from usage.chart import labels
from usage.models import Alarm
from usage.periods import Kind, Unit, period
from usage.queries import Asked, Report, report, totals
from usage.queries.gaps import gaps_in
from usage.queries.limits import windows
from usage.queries.log import recent_errors
from usage.views.requests import named

TOP = 5
HEIGHT, STEP, WIDE = 48, 14, 10  # of the small picture, in its own units


@dataclass(frozen=True, slots=True)
class Bar:
    x: int
    y: float
    height: float
    words: str


@never_cache
@tenant_view(Role.VIEWER)
def home(request: TenantRequest) -> HttpResponse:
    return render(request, "usage/_home.html", _week(request.tenant))


def _week(tenant: Tenant) -> dict[str, Any]:
    this_week = period(Kind.WEEK, tenant.today(), tenant.week_start)
    found = report(tenant, Asked(this_week))
    alarms = Alarm.objects.of(tenant).filter(ended=None).select_related("alert__app")
    return {
        "total": totals(found.lines),
        "top": found.lines[:TOP],
        "bars": _bars(found, tenant),
        "before": found.before,
        "errors": named(tenant, recent_errors(tenant, TOP)),
        "alarms": alarms[:TOP],
        "gaps": gaps_in(tenant, this_week)[:1],
    }


def _bars(found: Report, tenant: Tenant) -> list[Bar]:
    calls = [sum(column) for column in zip(*found.series.values(), strict=True)] or [0] * len(found.moments)
    tallest = max(calls) or 1
    words = labels(found.moments, Unit.DAY, tenant.zone)
    return [
        Bar(place * STEP, HEIGHT - height, height, f"{word}: {count:,} calls")
        for place, (count, word) in enumerate(zip(calls, words, strict=True))
        for height in [max(1.0, round(HEIGHT * count / tallest, 1))]
    ]


@never_cache
@tenant_view(Role.VIEWER)
def of_app(request: TenantRequest, public_id: str) -> HttpResponse:
    app = get_object_or_404(App.objects.of(request.tenant).living(), public_id=public_id)
    tenant = request.tenant
    asked = Asked(period(Kind.WEEK, tenant.today(), tenant.week_start), app=app)
    lines = report(tenant, asked).lines
    context = {"app": app, "total": totals(lines), "windows": windows(app, tenant.today())}
    return render(request, "usage/_app.html", context)
