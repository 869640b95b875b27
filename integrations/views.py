"""Which HR systems the portal will connect to."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache

from portal.tenancy.access import TenantRequest, tenant_view
from portal.tenancy.models import Role


@dataclass(frozen=True, slots=True)
class Planned:
    name: str
    brings: str


PLANNED = (
    Planned("BambooHR", "Employees, time-off types and time-off balances."),
    Planned("Workday HCM", "Workers, absence types and absence balances."),
    Planned("ADP Workforce Now", "Workers, time-off policies and time-off balances."),
)


@never_cache
@tenant_view(Role.VIEWER)
def provider_list(request: TenantRequest) -> HttpResponse:
    return render(request, "integrations/list.html", {"planned": PLANNED})
