"""The audit log: read, filtered, and taken along as CSV or JSON."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache

from portal.tenancy import audit, queries, words
from portal.tenancy.access import TenantRequest, tenant_view
from portal.tenancy.models import AuditLine, Role, Tenant
from portal.web.cells import cell
from portal.web.listing import ordered, page_of

HEAD = [
    "number",
    "time",
    "actor",
    "action",
    "target",
    "target name",
    "changes",
    "address",
    "request id",
    "hash",
]


@dataclass(frozen=True, slots=True)
class Filter:
    """What the address asks for; anything unreadable asks for nothing."""

    action: str
    person: str
    since: date | None
    until: date | None

    @classmethod
    def of(cls, request: TenantRequest) -> Filter:
        get = request.GET.get
        return cls(get("action", ""), get("person", ""), _day(get("since", "")), _day(get("until", "")))

    def apply(self, lines: QuerySet[AuditLine], tenant: Tenant) -> QuerySet[AuditLine]:
        if self.action in audit.ACTIONS:
            lines = lines.filter(action=self.action)
        if self.person.isascii() and self.person.isdigit() and len(self.person) < 19:
            lines = lines.filter(actor_id=int(self.person))
        if self.since:
            lines = lines.filter(at__gte=datetime.combine(self.since, time(), tenant.zone))
        if self.until:
            lines = lines.filter(at__lt=datetime.combine(self.until + timedelta(days=1), time(), tenant.zone))
        return lines

    def is_set(self) -> bool:
        return bool(self.action or self.person or self.since or self.until)


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if 1900 < day.year < 3000 else None


@never_cache
@tenant_view(Role.ADMIN)
def audit_log(request: TenantRequest) -> HttpResponse:
    chosen = Filter.of(request)
    lines = chosen.apply(queries.audit_lines(request.tenant), request.tenant)
    rows, sort = ordered(request, lines, {"at": ("at",)}, "-at")
    page = page_of(request, rows)
    context = {
        "page": page,
        "entries": [words.Entry(line) for line in page],
        "sort": sort,
        "actions": words.actions(),
        "people": queries.people(request.tenant).order_by("email")[:500],
        "chosen": chosen,
    }
    return render(request, "tenancy/audit.html", context)


@never_cache
@tenant_view(Role.ADMIN)
def audit_export(request: TenantRequest, form: str) -> HttpResponseBase:
    """The lines that the filters of the address leave, oldest first."""
    with transaction.atomic():
        audit.record("audit.exported", target=request.tenant, by=request.user, tenant=request.tenant)
    lines = Filter.of(request).apply(queries.audit_lines(request.tenant), request.tenant).order_by("at", "pk")
    pieces, kind = (_as_csv(lines), "text/csv") if form == "csv" else (_as_json(lines), "application/json")
    response = StreamingHttpResponse(pieces, content_type=f"{kind}; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="audit-{request.tenant.slug}.{form}"'
    return response


class _Echo:
    """A file whose write() hands the line on."""

    def write(self, text: str) -> str:
        return text


def _as_csv(lines: QuerySet[AuditLine]) -> Iterator[str]:
    writer = csv.writer(_Echo())
    yield writer.writerow(HEAD)
    for line in lines.iterator(chunk_size=1000):
        yield writer.writerow([cell(value) for value in _values(line)])


def _as_json(lines: QuerySet[AuditLine]) -> Iterator[str]:
    yield "["
    for number, line in enumerate(lines.iterator(chunk_size=1000)):
        row = dict(zip((name.replace(" ", "_") for name in HEAD), _values(line), strict=True))
        yield ("," if number else "") + "\n" + json.dumps(row, ensure_ascii=False)
    yield "\n]\n"


def _values(line: AuditLine) -> list[Any]:
    return [
        line.sequence,
        line.at.isoformat(timespec="milliseconds"),
        line.actor_label,
        line.action,
        line.target,
        line.target_label,
        line.changes,
        line.address or "",
        line.request_id,
        line.hash,
    ]
