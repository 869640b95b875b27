"""A person's signed-in browsers."""

from __future__ import annotations

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from portal.tenancy import audit
from portal.tenancy.models import BrowserSession, User
from portal.tenancy.session_store import key_digest


def sessions_of(user: User) -> QuerySet[BrowserSession]:
    """Live ones, last used first."""
    return BrowserSession.objects.filter(user=user, expire_date__gt=timezone.now()).order_by("-seen", "pk")


def end_sessions(user: User, *, but: str | None = "") -> int:
    """Ends the person's sessions except the one whose key is `but`. Returns how many."""
    rows = BrowserSession.objects.filter(user=user)
    if but:
        rows = rows.exclude(pk=key_digest(but))
    return rows.delete()[0]


@transaction.atomic
def end_others(*, user: User, but: str | None) -> int:
    ended = end_sessions(user, but=but)
    if ended:
        audit.record("sessions.ended", target=user, by=user, tenant=user.tenant)
    return ended


@transaction.atomic
def end_one(*, user: User, pk: str) -> None:
    if BrowserSession.objects.filter(user=user, pk=pk).delete()[0]:
        audit.record("sessions.ended", target=user, by=user, tenant=user.tenant)
