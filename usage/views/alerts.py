"""Alerts: what to be told of, and what went off."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from portal.tenancy.access import TenantRequest, tenant_view
from portal.tenancy.models import Role
from usage import plan, services
from usage.forms import AlertForm
from usage.models import Alarm, Alert, Measure

SHOWN = 20  # past alarms


@require_safe
@never_cache
@tenant_view(Role.VIEWER)
def alerts(request: TenantRequest) -> HttpResponse:
    alarms = Alarm.objects.of(request.tenant).select_related("alert__app")
    rules = Alert.objects.of(request.tenant).select_related("app")
    going = {alarm.alert_id: alarm for alarm in alarms.filter(ended=None)}
    context = {
        "rules": [(rule, going.get(rule.pk)) for rule in rules],
        "past": alarms.exclude(ended=None)[:SHOWN],
        "may_change": request.user.has_role(Role.DEVELOPER),
    }
    return render(request, "usage/alerts.html", context)


@never_cache
@require_http_methods(["GET", "POST"])
@tenant_view(Role.DEVELOPER)
def alert_create(request: TenantRequest) -> HttpResponse:
    form = AlertForm(request.POST or None, tenant=request.tenant, initial=_suggested(request))
    if not form.is_valid():
        return render(request, "usage/alert.html", {"form": form, "presets": _presets()})
    alert = services.create_alert(**form.cleaned_data, by=request.user)
    messages.success(request, f"Alert set. {alert}.")
    return redirect("usage:alerts")


@never_cache
@require_http_methods(["GET", "POST"])
@tenant_view(Role.DEVELOPER)
def alert_edit(request: TenantRequest, pk: int) -> HttpResponse:
    alert = _alert(request, pk)
    form = AlertForm(request.POST or None, tenant=request.tenant, initial=_kept(alert))
    if not form.is_valid():
        return render(request, "usage/alert.html", {"form": form, "alert": alert})
    services.update_alert(alert=alert, by=request.user, **form.cleaned_data)
    messages.success(request, f"Alert saved. {alert}.")
    return redirect("usage:alerts")


@never_cache
@require_http_methods(["GET", "POST"])
@tenant_view(Role.DEVELOPER)
def alert_delete(request: TenantRequest, pk: int) -> HttpResponse:
    alert = _alert(request, pk)
    if request.method != "POST":
        return render(request, "usage/alert_delete.html", {"alert": alert})
    services.delete_alert(alert=alert, by=request.user)
    messages.success(request, "The alert is deleted.")
    return redirect("usage:alerts")


def _alert(request: TenantRequest, pk: int) -> Alert:
    found: Alert = get_object_or_404(Alert.objects.of(request.tenant).select_related("app", "tenant"), pk=pk)
    return found


def _kept(alert: Alert) -> dict[str, Any]:
    return {name: getattr(alert, name) for name in services.EDITABLE} | {
        "app": alert.app.public_id if alert.app else None
    }


def _suggested(request: TenantRequest) -> dict[str, Any]:
    """From the address: ?measure=&threshold=&app=."""
    given = request.GET
    measure, threshold = given.get("measure", ""), given.get("threshold", "")
    return {
        "measure": measure if measure in Measure.values else Measure.ERRORS,
        "threshold": int(threshold)
        if threshold.isascii() and threshold.isdigit() and len(threshold) < 10
        else 5,
        "app": given.get("app", ""),
        "audience": Alert.Audience.ADMINS,
        "is_on": True,
    }


def _presets() -> list[tuple[str, str, int, str]]:
    """(what it is for, measure, threshold, in words): the usual three, then twice what a use case expects."""
    usual: list[tuple[str, str, int, str]] = [
        ("Calls fail", Measure.ERRORS, 5, "error rate of 5%"),
        ("Answers are slow", Measure.SLOWNESS, 1000, "p95 of 1,000 ms"),
        ("The limit is near", Measure.QUOTA, 80, "80% of the rate limit"),
        ("Nothing is called", Measure.SILENCE, 24, "24 h without a call"),
    ]
    return usual + [
        (
            one.name,
            Measure.CALLS,
            2 * one.calls_a_day,
            f"{2 * one.calls_a_day:,} calls a day, twice the estimate",
        )
        for one in plan.estimates()
    ]
