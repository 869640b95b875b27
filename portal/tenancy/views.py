"""Home and the settings of an account; sign-in stands in signin.py."""

from __future__ import annotations

from datetime import datetime

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache

from portal.tenancy import homepage
from portal.tenancy.access import TenantRequest, tenant_view
from portal.tenancy.forms import SettingsForm
from portal.tenancy.models import Role
from portal.tenancy.services import update_tenant
from portal.tenancy.signin import signin, signout

__all__ = ["home", "signin", "signout", "tenant_settings"]


@never_cache
@tenant_view(Role.VIEWER)
def home(request: TenantRequest) -> HttpResponse:
    context = {
        "greeting": greeting(timezone.now().astimezone(request.tenant.zone)),
        "checklist": homepage.checklist(request.user, request.tenant),
        "attention": homepage.attention(request.user, request.tenant),
        "figures": homepage.figures(request.tenant),
    }
    return render(request, "tenancy/home.html", context)


def greeting(there: datetime) -> str:
    if 5 <= there.hour < 12:
        return "Good morning"
    return "Good afternoon" if 12 <= there.hour < 18 else "Good evening"


@never_cache
@tenant_view(Role.ADMIN)
def tenant_settings(request: TenantRequest) -> HttpResponse:
    tenant = request.tenant
    kept = {"time_zone": tenant.time_zone, "week_start": tenant.week_start}
    form = SettingsForm(request.POST or None, initial=kept)
    if not form.is_valid():
        return render(request, "tenancy/settings.html", {"form": form})
    update_tenant(tenant=tenant, by=request.user, **form.cleaned_data)
    messages.success(request, "Settings saved.")
    return redirect("tenancy:settings")
