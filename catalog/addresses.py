"""Where the catalog's things are found."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import quote, urlencode

from django.urls import reverse

from portal.tenancy.models import Tenant


def of_target(slug: str, target: str) -> str:
    """The address of what search found; see search.build.Builder."""
    kind, name, anchor = target.split("\t", 2) if target.count("\t") >= 2 else ("", "", "")
    route = {"o": "catalog:operation", "m": "catalog:model", "g": "catalog:guide"}.get(kind)
    if route is None:
        return reverse("catalog:api", args=[slug])
    return reverse(route, args=[slug, name]) + (f"#{quote(anchor, safe='[]*.~-_')}" if anchor else "")


def of_usage(tenant: Tenant, operation_id: str, days: int = 30) -> str:
    """What this tenant's apps called there: usage's own page, over the last days."""
    today = tenant.today()
    span = {"from": (today - timedelta(days=days - 1)).isoformat(), "to": today.isoformat()}
    return reverse("usage:dashboard") + "?" + urlencode({"by": "endpoint", "q": operation_id, **span})
