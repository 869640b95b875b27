"""Reading apps."""

from __future__ import annotations

from django.db.models import Q

from apps.models import App, AppQuerySet, Scope
from portal.tenancy.models import Tenant
from portal.tenancy.names import fold


def apps_of(tenant: Tenant, *, search: str = "") -> AppQuerySet:
    found = App.objects.of(tenant).living()
    if not search.strip():
        return found
    return found.filter(
        Q(folded_name__contains=fold(search))
        | Q(description__icontains=search.strip())
        | Q(public_id=search.strip())
        | Q(client_id=search.strip())
    )


def published_scopes() -> list[str]:
    return list(Scope.objects.values_list("name", flat=True))
