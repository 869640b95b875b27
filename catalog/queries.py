"""Reading the published APIs."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import orjson
from django.db.models import Count, F, QuerySet, Sum

from apps.models import App
from catalog.models import Api, ApiVersion, Guide, Operation, SandboxRow
from portal.tenancy.models import Tenant
from usage.models import DayTotal

BULK = ("source", "index", "changes")
RECENT = 30  # days


def published() -> QuerySet[Api]:
    bulk = [f"current__{name}" for name in (*BULK, "frame")]
    return Api.objects.filter(current__isnull=False).select_related("current").defer(*bulk)


def current_version(slug: str) -> ApiVersion | None:
    """What is on offer under this slug; without the whole document, which no page needs."""
    return ApiVersion.objects.filter(api__slug=slug, api__current=F("pk")).defer(*BULK).first()


def operations_of(version: ApiVersion) -> QuerySet[Operation]:
    return version.operations.defer("closure")


def guides_of(version: ApiVersion) -> QuerySet[Guide]:
    return version.guides.defer("text")


def recent_calls(tenant: Tenant) -> dict[tuple[str, str], int]:
    """(api, operation) to the calls that the tenant's apps made in the last 30 days."""
    apps = list(App.objects.of(tenant).values_list("pk", flat=True))
    since = tenant.today() - timedelta(days=RECENT - 1)
    rows = DayTotal.objects.of(tenant).filter(app__in=apps, day__gte=since).order_by()
    return {
        (api, operation): calls
        for api, operation, calls in rows.values_list("api", "operation").annotate(Sum("calls"))
    }


def sandbox_counts(tenant: Tenant, api: str) -> dict[str, int]:
    """Collection to how many rows the tenant's sandbox holds of it; empty before the first call."""
    rows = SandboxRow.objects.of(tenant).filter(api=api).exclude(collection="").order_by("collection")
    return dict(rows.values_list("collection").annotate(Count("pk")))


def sandbox_rows(tenant: Tenant, api: str, collection: str) -> list[dict[str, Any]]:
    """Everything of one collection in the tenant's sandbox; a sandbox holds 20,000 rows at most."""
    rows = SandboxRow.objects.of(tenant).filter(api=api, collection=collection).order_by("pk")
    return [orjson.loads(text) for text in rows.values_list("data", flat=True)]
