"""Home, sign-in, and the pages of an account's admins."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache

from portal.tenancy import queries, words
from portal.tenancy.access import TenantRequest, tenant_view
from portal.tenancy.forms import SettingsForm
from portal.tenancy.models import AuditLine, Role, User
from portal.tenancy.services import update_tenant
from portal.tenancy.signin import signin, signout
from portal.web.listing import ordered, page_of

__all__ = ["audit_log", "home", "signin", "signout", "tenant_settings", "users"]

PEOPLE_COLUMNS = {
    "name": ("first_name", "last_name"),
    "email": ("email",),
    "role": ("role",),
    "status": ("is_active",),
    "last_login": ("last_login",),
}


@never_cache
@tenant_view(Role.VIEWER)
def home(request: TenantRequest) -> HttpResponse:
    context = {
        "greeting": greeting(timezone.now().astimezone(request.tenant.zone)),
        "may_create": request.user.has_role(Role.DEVELOPER),
        "portal_url": settings.PORTAL_URL,
    }
    return render(request, "tenancy/home.html", context)


def greeting(there: datetime) -> str:
    if 5 <= there.hour < 12:
        return "Good morning"
    return "Good afternoon" if 12 <= there.hour < 18 else "Good evening"


@never_cache
@tenant_view(Role.ADMIN)
def users(request: TenantRequest) -> HttpResponse:
    search = request.GET.get("q", "").replace("\0", "").strip()
    rows, sort = ordered(request, _named(queries.people(request.tenant), search), PEOPLE_COLUMNS, "name")
    context = {"page": page_of(request, rows), "search": search, "sort": sort}
    return render(request, "tenancy/users.html", context)


def _named(people: QuerySet[User], text: str) -> QuerySet[User]:
    """Those whose name or address holds every word."""
    for word in text.split()[:5]:
        people = people.filter(
            Q(first_name__icontains=word) | Q(last_name__icontains=word) | Q(email__icontains=word)
        )
    return people


@never_cache
@tenant_view(Role.ADMIN)
def audit_log(request: TenantRequest) -> HttpResponse:
    action, person = request.GET.get("action", ""), request.GET.get("person", "")
    lines = _chosen(queries.audit_lines(request.tenant), action, person)
    rows, sort = ordered(request, lines, {"at": ("at",)}, "-at")
    page = page_of(request, rows)
    context = {
        "page": page,
        "entries": [words.Entry(line) for line in page],
        "sort": sort,
        "actions": words.actions(),
        "people": queries.people(request.tenant).order_by("email")[:500],
        "action": action,
        "person": person,
    }
    return render(request, "tenancy/audit.html", context)


def _chosen(lines: QuerySet[AuditLine], action: str, person: str) -> QuerySet[AuditLine]:
    if action in dict(words.actions()):
        lines = lines.filter(action=action)
    if person.isascii() and person.isdigit() and len(person) < 19:
        lines = lines.filter(actor_id=int(person))
    return lines


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
