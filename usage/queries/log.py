"""Single calls, newest first. The key is time-ordered, so every page is a range of one index."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Q, QuerySet

from apps.models import App
from portal.ids import lowest_id
from portal.tenancy.models import Tenant
from usage.models import DayEndpointTotal, RequestLog
from usage.periods import day_start

STATUSES = {"ok": "2xx and 3xx", "errors": "All errors", "4xx": "4xx", "5xx": "5xx"}
SLOW = {"100": "over 100 ms", "500": "over 500 ms", "1000": "over 1 s", "5000": "over 5 s"}


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which calls; whatever is empty asks for nothing."""

    app: App | None = None
    api: str = ""
    operation: str = ""
    environment: str = ""
    status: str = ""  # of STATUSES, or one number
    slower: str = ""  # of SLOW: milliseconds
    first: date | None = None
    last: date | None = None
    request_id: str = ""

    def is_set(self) -> bool:
        return any((self.app, self.operation, self.api, self.environment, self.status, self.slower)) or any(
            (self.first, self.last, self.request_id)
        )


def calls(tenant: Tenant, wanted: Wanted) -> QuerySet[RequestLog]:
    rows: QuerySet[RequestLog] = RequestLog.objects.of(tenant).filter(_plain(wanted) & _status(wanted.status))
    if wanted.first:
        rows = rows.filter(event__gte=lowest_id(day_start(wanted.first, tenant.zone).timestamp()))
    if wanted.last:
        end = day_start(wanted.last + timedelta(days=1), tenant.zone)
        rows = rows.filter(event__lt=lowest_id(end.timestamp()))
    return rows.order_by("-event")


def _plain(wanted: Wanted) -> Q:
    given: dict[str, Any] = {
        "app": wanted.app,
        "api": wanted.api,
        "operation": wanted.operation,
        "environment": wanted.environment,
        "request_id": wanted.request_id,
    }
    if wanted.slower:
        given["latency_us__gt"] = int(wanted.slower) * 1000
    return Q(**{name: value for name, value in given.items() if value})


def _status(status: str) -> Q:
    match status:
        case "":
            return Q()
        case "ok":
            return Q(status__lt=400)
        case "errors":
            return Q(status__gte=400)
        case "4xx":
            return Q(status__gte=400, status__lt=500)  # the first half lets the index of errors answer
        case "5xx":
            return Q(status__gte=400) & Q(status__gte=500)
    return Q(status=int(status))


def recent_errors(tenant: Tenant, count: int) -> list[RequestLog]:
    return list(RequestLog.objects.of(tenant).filter(status__gte=400).order_by("-event")[:count])


def operations(tenant: Tenant, since: date) -> list[tuple[str, str]]:
    """(api, operation) of what was called lately, for a list to choose from."""
    rows = DayEndpointTotal.objects.of(tenant).filter(day__gte=since).order_by("api", "operation")
    return list(rows.values_list("api", "operation").distinct()[:500])
