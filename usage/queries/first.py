"""Whether an account has called anything yet."""

from __future__ import annotations

from portal.tenancy.models import Tenant
from usage.models import DayAppTotal


def has_called(tenant: Tenant) -> bool:
    return DayAppTotal.objects.of(tenant).exists()
