"""Reading what people keep."""

from __future__ import annotations

from django.db.models import QuerySet

from catalog.console.models import TestRequest, Variable
from portal.tenancy.models import Tenant, User

HISTORY = 100  # requests of a person


def history_of(user: User) -> QuerySet[TestRequest]:
    return TestRequest.objects.filter(user=user, name="").order_by("-at", "-pk")[:HISTORY]


def saved_by(user: User) -> QuerySet[TestRequest]:
    return TestRequest.objects.filter(user=user).exclude(name="").order_by("name")


def shared_in(tenant: Tenant, share: str) -> TestRequest | None:
    """By its link, for everybody of the tenant."""
    found: TestRequest | None = (
        TestRequest.objects.of(tenant).select_related("user").filter(share=share).first()
    )
    return found


def variables_of(user: User) -> dict[str, str]:
    return dict(Variable.objects.filter(user=user).values_list("name", "value"))
