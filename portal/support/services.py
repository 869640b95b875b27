"""The life of a ticket: asked, answered, perhaps asked again, closed."""

from __future__ import annotations

import secrets

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from portal import mail
from portal.front.queries import settings_row
from portal.support.models import Message, Ticket
from portal.tenancy import audit
from portal.tenancy.models import User

LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # none that look alike
EXCERPT = 400  # characters of a message that stand in its mail


@transaction.atomic
def open_ticket(*, subject: str, area: str, text: str, request_id: str = "", by: User) -> Ticket:
    assert by.tenant is not None, "operators answer, they do not ask"
    ticket: Ticket = Ticket.objects.create(
        tenant=by.tenant,
        reference="S-" + "".join(secrets.choice(LETTERS) for _ in range(8)),
        subject=subject,
        area=area,
        request_id=request_id,
        opened_by=by,
    )
    Message.objects.create(tenant=by.tenant, ticket=ticket, author=by, text=text)
    audit.record("ticket.opened", target=ticket, by=by, tenant=by.tenant)
    _tell_operator("ticket_opened", ticket, text, by)
    return ticket


@transaction.atomic
def add_message(*, ticket: Ticket, text: str, by: User) -> None:
    """From the account: the ticket is with support again, also one that was closed."""
    was_closed = ticket.is_closed
    _say(ticket, text, Ticket.State.OPEN, by, is_from_support=False)
    if was_closed:
        audit.record("ticket.reopened", target=ticket, by=by, tenant=ticket.tenant)
    _tell_operator("ticket_continued", ticket, text, by)


@transaction.atomic
def answer(*, ticket: Ticket, text: str, by: User) -> None:
    """From the operator. Whoever asked gets a mail."""
    _say(ticket, text, Ticket.State.ANSWERED, by, is_from_support=True)
    audit.record("ticket.answered", target=ticket, by=by, tenant=ticket.tenant)
    asker = ticket.opened_by
    if asker and asker.is_active:
        context = {
            "name": asker.first_name or asker.email,
            "reference": ticket.reference,
            "subject": ticket.subject,
            "excerpt": excerpt(text),
            "link": settings.PORTAL_URL + reverse("support:ticket", args=[ticket.pk]),
        }
        mail.queue("ticket_answered", to=asker.email, context=context, tenant=ticket.tenant)


@transaction.atomic
def close(*, ticket: Ticket, by: User) -> None:
    """From either side; once is enough."""
    open_ones = Ticket.objects.filter(pk=ticket.pk).exclude(state=Ticket.State.CLOSED)
    if open_ones.update(state=Ticket.State.CLOSED, changed=timezone.now()):
        audit.record("ticket.closed", target=ticket, by=by, tenant=ticket.tenant)


def excerpt(text: str) -> str:
    plain = " ".join(text.split())
    return plain if len(plain) <= EXCERPT else plain[:EXCERPT].rsplit(" ", 1)[0] + " …"


def _say(ticket: Ticket, text: str, state: Ticket.State, by: User, *, is_from_support: bool) -> None:
    Message.objects.create(
        tenant=ticket.tenant, ticket=ticket, author=by, text=text, is_from_support=is_from_support
    )
    ticket.state, ticket.changed = state, timezone.now()
    ticket.save(update_fields=["state", "changed"])


def _tell_operator(template: str, ticket: Ticket, text: str, by: User) -> None:
    assert ticket.tenant is not None
    context = {
        "account": ticket.tenant.name,
        "name": by.full_name or "Somebody",
        "reference": ticket.reference,
        "subject": ticket.subject,
        "area": ticket.get_area_display(),
        "request": ticket.request_id or "none",
        "excerpt": excerpt(text),
        "link": settings.PORTAL_URL + reverse("admin:support_ticket_change", args=[ticket.pk]),
    }
    for address in operators_addresses():
        mail.queue(template, to=address, context=context, tenant=ticket.tenant)


def operators_addresses() -> list[str]:
    """The support address; without one, every operator."""
    own = settings_row().support_address
    if own:
        return [own]
    operators = User.objects.filter(tenant=None, is_superuser=True, is_active=True)
    return list(operators.order_by("email").values_list("email", flat=True))
