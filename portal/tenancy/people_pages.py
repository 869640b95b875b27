"""User management: the list, inviting, and one person's page."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache

from portal.tenancy import bulk, invitations, ownership, people
from portal.tenancy.access import TenantRequest, tenant_view
from portal.tenancy.errors import LastAdmin, Overtaken, TenancyError
from portal.tenancy.models import Invitation, Role, User
from portal.tenancy.people_forms import InviteForm, PersonForm, RemoveForm
from portal.tenancy.roster import COLUMNS, STATUSES, entries, roster
from portal.web.errors import problem_page
from portal.web.listing import page_of


@never_cache
@tenant_view(Role.ADMIN)
def users(request: TenantRequest) -> HttpResponse:
    search = request.GET.get("q", "").replace("\0", "").strip()
    status = request.GET.get("status", "")
    sort = request.GET.get("sort", "name")
    sort = sort if sort.removeprefix("-") in COLUMNS else "name"
    sign = "-" if sort.startswith("-") else ""
    order = [f"{sign}{column}" for column in COLUMNS[sort.removeprefix("-")]]
    rows = roster(request.tenant, search=search, status=status).order_by(*order, "kind", "number")
    page = page_of(request, rows)
    page.object_list = entries(page.object_list)
    context = {"page": page, "search": search, "sort": sort, "status": status, "statuses": STATUSES}
    return render(request, "tenancy/users.html", context)


@never_cache
@tenant_view(Role.ADMIN)
def invite(request: TenantRequest) -> HttpResponse:
    form = InviteForm(request.POST or None, request.FILES or None)
    if not form.is_valid():
        return render(request, "tenancy/invite.html", {"form": form})
    data = form.cleaned_data
    try:
        lines = bulk.pasted(data["addresses"], data["role"]) + bulk.from_csv(data["file"], data["role"])
        outcomes = bulk.invite_all(tenant=request.tenant, lines=lines, by=request.user)
    except TenancyError as error:
        form.add_error(None, str(error))
        return render(request, "tenancy/invite.html", {"form": form})
    if len(outcomes) == 1 and outcomes[0].is_done:
        messages.success(request, f"{outcomes[0].line.email}: {outcomes[0].words}")
        return redirect("tenancy:users")
    done = sum(outcome.is_done for outcome in outcomes)
    return render(request, "tenancy/invite_outcome.html", {"outcomes": outcomes, "done": done})


def _invitation(request: TenantRequest, pk: int) -> Invitation:
    pending = Invitation.objects.of(request.tenant).filter(state=Invitation.State.PENDING)
    found: Invitation = get_object_or_404(pending.select_related("tenant"), pk=pk)
    return found


@never_cache
@tenant_view(Role.ADMIN)
def invitation_resend(request: TenantRequest, pk: int) -> HttpResponse:
    invitation = _invitation(request, pk)
    if request.method != "POST":
        return redirect("tenancy:users")
    try:
        invitations.resend(invitation=invitation, by=request.user)
    except Overtaken as error:
        return _conflict(request, error)
    messages.success(request, f"Sent {invitation.email} a new link. The one before no longer works.")
    return redirect("tenancy:users")


@never_cache
@tenant_view(Role.ADMIN)
def invitation_delete(request: TenantRequest, pk: int) -> HttpResponse:
    invitation = _invitation(request, pk)
    if request.method != "POST":
        return render(request, "tenancy/invitation_delete.html", {"invitation": invitation})
    try:
        invitations.delete(invitation=invitation, by=request.user)
    except Overtaken as error:
        return _conflict(request, error)
    messages.success(request, f"The invitation of {invitation.email} is deleted. Its link no longer works.")
    return redirect("tenancy:users")


def _person(request: TenantRequest, pk: int) -> User:
    return get_object_or_404(User.objects.select_related("tenant").filter(tenant=request.tenant), pk=pk)


@never_cache
@tenant_view(Role.ADMIN)
def person(request: TenantRequest, pk: int) -> HttpResponse:
    one = _person(request, pk)
    kept = {"first_name": one.first_name, "last_name": one.last_name, "role": one.role}
    form = PersonForm(request.POST or None, initial=kept)
    if not form.is_valid():
        return render(request, "tenancy/person.html", {"form": form, "person": one})
    names = {field: form.cleaned_data[field] for field in ("first_name", "last_name")}
    try:
        people.change_role(person=one, role=form.cleaned_data["role"], by=request.user)
        people.rename(person=one, **names, by=request.user)
    except (LastAdmin, Overtaken) as error:
        return _conflict(request, error)
    messages.success(request, f"Saved {one}.")
    return redirect("home" if one.pk == request.user.pk and _stepped_down(form) else "tenancy:users")


def _stepped_down(form: PersonForm) -> bool:
    return bool(form.cleaned_data["role"] != Role.ADMIN)


@never_cache
@tenant_view(Role.ADMIN)
def deactivate(request: TenantRequest, pk: int) -> HttpResponse:
    one = _person(request, pk)
    if request.method != "POST":
        return redirect("tenancy:person", pk=pk)
    try:
        people.deactivate(person=one, by=request.user)
    except (LastAdmin, Overtaken) as error:
        return _conflict(request, error)
    messages.success(request, f"{one} is deactivated and signed out everywhere.")
    return redirect("tenancy:users")


@never_cache
@tenant_view(Role.ADMIN)
def reactivate(request: TenantRequest, pk: int) -> HttpResponse:
    one = _person(request, pk)
    if request.method != "POST":
        return redirect("tenancy:person", pk=pk)
    try:
        people.reactivate(person=one, by=request.user)
    except Overtaken as error:
        return _conflict(request, error)
    messages.success(request, f"{one} can sign in again.")
    return redirect("tenancy:users")


@never_cache
@tenant_view(Role.ADMIN)
def remove(request: TenantRequest, pk: int) -> HttpResponse:
    one = _person(request, pk)
    holdings = ownership.holdings(one)
    heirs = User.objects.filter(tenant=request.tenant, is_active=True).exclude(pk=one.pk).order_by("email")
    form = RemoveForm(
        request.POST if request.method == "POST" else None, heirs=heirs, is_needed=bool(holdings)
    )
    if not form.is_valid():
        context = {"form": form, "person": one, "holdings": holdings, "has_heirs": heirs.exists()}
        return render(request, "tenancy/person_remove.html", context)
    try:
        people.remove(person=one, heir=form.cleaned_data["heir"], by=request.user)
    except TenancyError as error:
        return _conflict(request, error)
    messages.success(request, f"{one} is removed, with all personal data.")
    return redirect("tenancy:users")


def _conflict(request: TenantRequest, error: TenancyError) -> HttpResponse:
    return problem_page(request, 409, "This cannot be done now", str(error))
