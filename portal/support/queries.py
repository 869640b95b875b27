"""Reading tickets."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet

from portal.support.models import Ticket
from portal.tenancy.models import Role, User


def tickets_for(person: User) -> QuerySet[Any]:
    """An admin sees all of the account, others what they asked themselves."""
    assert person.tenant is not None
    found: QuerySet[Any] = Ticket.objects.of(person.tenant).select_related("opened_by")
    return found if person.has_role(Role.ADMIN) else found.filter(opened_by=person)


def search(tickets: QuerySet[Any], question: str) -> QuerySet[Any]:
    if not question:
        return tickets
    about = Q(reference__iexact=question) | Q(subject__icontains=question) | Q(request_id=question)
    return tickets.filter(about | Q(pk__in=_saying(tickets, question)))


def _saying(tickets: QuerySet[Any], question: str) -> QuerySet[Any]:
    return tickets.filter(messages__text__icontains=question).values("pk")
