"""Stretches in which calls may be missing, told to every tenant whose time they touch."""

from __future__ import annotations

from datetime import timedelta

from portal.tenancy.models import Tenant
from usage.models import Gap
from usage.periods import Period, day_start

TOLD = 5  # the newest; more than that says nothing more


def gaps_in(tenant: Tenant, period: Period) -> list[Gap]:
    """Not the calls of apps that are gone: they are nobody's."""
    begin = day_start(period.first, tenant.zone)
    end = day_start(period.last + timedelta(days=1), tenant.zone)
    found = Gap.objects.filter(ended__gte=begin, began__lt=end).exclude(reason=Gap.Reason.UNKNOWN_APP)
    return list(found.order_by("-ended")[:TOLD])
