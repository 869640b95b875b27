"""Asking the operator, and what became of it."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from portal.support import services
from portal.support.forms import MessageForm, TicketForm
from portal.support.models import Area, Ticket
from portal.support.queries import search, tickets_for
from portal.tenancy import limits
from portal.tenancy.access import TenantRequest, tenant_view
from portal.tenancy.models import Role
from portal.web.errors import too_many
from portal.web.listing import ordered, page_of

PER_HOUR = 20  # messages of one person
NEWEST = 5
COLUMNS: dict[str, tuple[str, ...]] = {
    "subject": ("subject",),
    "area": ("area",),
    "state": ("state",),
    "changed": ("changed",),
}


@never_cache
@sensitive_post_parameters("subject", "message", "request_id")
@tenant_view(Role.VIEWER)
def contact(request: TenantRequest) -> HttpResponse:
    form = TicketForm(request.POST or None, initial=_suggested(request))
    if not form.is_valid():
        newest = tickets_for(request.user)[: NEWEST + 1]
        return render(request, "support/contact.html", {"form": form, "tickets": newest, "most": NEWEST})
    if not _may_write(request):
        return _wait(request)
    data = form.cleaned_data
    ticket = services.open_ticket(
        subject=data["subject"],
        area=data["area"],
        text=data["message"],
        request_id=data["request_id"],
        by=request.user,
    )
    messages.success(
        request, f"Support has your question as {ticket.reference}. The answer comes by mail and stands here."
    )
    return redirect("support:ticket", ticket.pk)


def _suggested(request: TenantRequest) -> dict[str, str]:
    """?request= and ?area= of a page that leads here."""
    area = request.GET.get("area", "")
    return {
        "request_id": request.GET.get("request", "")[:64],
        "area": area if area in Area.values else "",
    }


@never_cache
@tenant_view(Role.VIEWER)
def tickets(request: TenantRequest) -> HttpResponse:
    question = request.GET.get("q", "").replace("\0", "").strip()[:100]
    state = request.GET.get("state", "")
    found = search(tickets_for(request.user), question)
    if state in Ticket.State.values:
        found = found.filter(state=state)
    rows, sort = ordered(request, found, COLUMNS, "-changed")
    context = {
        "page": page_of(request, rows),
        "sort": sort,
        "question": question,
        "state": state,
        "states": Ticket.State.choices,
    }
    return render(request, "support/tickets.html", context)


@never_cache
@sensitive_post_parameters("message")
@tenant_view(Role.VIEWER)
def ticket(request: TenantRequest, pk: int) -> HttpResponse:
    found: Ticket = get_object_or_404(tickets_for(request.user), pk=pk)
    form = MessageForm(request.POST or None)
    if not form.is_valid():
        said = found.messages.select_related("author")
        return render(request, "support/ticket.html", {"ticket": found, "said": said, "form": form})
    if not _may_write(request):
        return _wait(request)
    services.add_message(ticket=found, text=form.cleaned_data["message"], by=request.user)
    messages.success(request, "Sent. The ticket is with support.")
    return redirect("support:ticket", found.pk)


@never_cache
@tenant_view(Role.VIEWER)
def ticket_close(request: TenantRequest, pk: int) -> HttpResponse:
    found: Ticket = get_object_or_404(tickets_for(request.user), pk=pk)
    if request.method == "POST":
        services.close(ticket=found, by=request.user)
        messages.success(request, f"{found.reference} is closed. Write to it to open it again.")
    return redirect("support:ticket", found.pk)


def _may_write(request: TenantRequest) -> bool:
    return limits.spend("support", str(request.user.pk), most=PER_HOUR, seconds=3600)


def _wait(request: TenantRequest) -> HttpResponse:
    return too_many(
        request,
        f"Support takes {PER_HOUR} messages of one person in an hour. Nothing was sent; try again later.",
        3600,
    )
