"""People and pending invitations as one list, so that search, order and pages run over both."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Case, CharField, DateTimeField, F, Q, QuerySet, Value, When
from django.db.models.functions import Cast, Coalesce, Concat, Lower, NullIf, Trim
from django.utils import timezone

from portal.tenancy.models import Invitation, Role, Standing, Tenant, User

STATUSES = {**dict(Standing.choices), "deactivated": "Deactivated"}
COLUMNS = {  # what a reader may sort by, and the columns that do it
    "name": ("sort_name", "email"),
    "email": ("email",),
    "role": ("role", "email"),
    "status": ("status", "email"),
    "last_login": ("last_login", "email"),
    "invited_by": ("inviter", "email"),
}
SHOWN = ("kind", "number", "email", "name", "sort_name", "role", "status", "last_login", "inviter", "expires")


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of the list: a person, or an invitation nobody has accepted yet."""

    kind: str  # "person" or "invitation"
    number: int
    email: str
    name: str
    sort_name: str
    role: str
    status: str
    last_login: datetime | None
    inviter: str
    expires: datetime | None

    @property
    def is_invitation(self) -> bool:
        return self.kind == "invitation"

    @property
    def is_expired(self) -> bool:
        return self.expires is not None and self.expires <= timezone.now()

    @property
    def role_label(self) -> str:
        return str(Role(self.role).label)

    @property
    def status_label(self) -> str:
        return str(STATUSES[self.status])

    @property
    def initials(self) -> str:
        letters = "".join(word[0] for word in self.name.split()[:2])
        return (letters or self.email[:1]).upper()

    def __str__(self) -> str:
        return self.name or self.email


def _text(text: str) -> Any:
    return Cast(Value(text), CharField(max_length=254))  # PostgreSQL wants to know the type in a union


def _full_name(prefix: str = "") -> Any:
    both = Concat(F(f"{prefix}first_name"), Value(" "), F(f"{prefix}last_name"), output_field=CharField())
    return Trim(both)


def _inviter() -> Any:
    """The name, else the address, of who invited; empty for the operator and for removed people."""
    name = NullIf(_full_name("invited_by__"), Value(""))
    return Coalesce(name, F("invited_by__email"), Value(""), output_field=CharField())


def roster(tenant: Tenant, *, search: str = "", status: str = "") -> QuerySet[Any, dict[str, Any]]:
    """Rows as dictionaries of SHOWN; make entries of a page with `entries`."""
    never = Value(None, output_field=DateTimeField())
    people = User.objects.filter(tenant=tenant).annotate(
        kind=_text("person"),
        number=F("pk"),
        name=_full_name(),
        sort_name=Lower(Coalesce(NullIf(_full_name(), Value("")), F("email"), output_field=CharField())),
        status=Case(When(is_active=False, then=Value("deactivated")), default=F("standing")),
        inviter=_inviter(),
        expires=never,
    )
    invited = (
        Invitation.objects.of(tenant)
        .filter(state=Invitation.State.PENDING)
        .annotate(
            kind=_text("invitation"),
            number=F("pk"),
            name=_text(""),
            sort_name=Lower("email"),
            status=_text("pending"),
            last_login=never,
            inviter=_inviter(),
        )
    )
    for word in search.split()[:5]:
        people = people.filter(
            Q(first_name__icontains=word) | Q(last_name__icontains=word) | Q(email__icontains=word)
        )
        invited = invited.filter(email__icontains=word)
    if status in STATUSES:
        people, invited = people.filter(status=status), invited.filter(status=status)
    both: QuerySet[Any, dict[str, Any]] = people.values(*SHOWN).union(invited.values(*SHOWN), all=True)
    return both


def entries(rows: Any) -> list[Entry]:
    return [Entry(**row) for row in rows]
