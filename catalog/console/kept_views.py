"""A person's history, saved requests and variables."""

from __future__ import annotations

from typing import Any

import orjson
from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from catalog.console import queries, services
from catalog.console.errors import ConsoleError
from catalog.console.models import TestRequest, Variable
from catalog.console.views import operation_of, read_json
from portal.tenancy.access import TenantRequest, tenant_view
from portal.tenancy.models import Role

LARGEST = 256 * 1024  # bytes of what a browser sends


@never_cache
@require_http_methods(["GET", "POST"])
@tenant_view(Role.VIEWER)
def requests(request: TenantRequest) -> HttpResponse:
    """GET: the lists as a fragment. POST: one request that was just sent."""
    if request.method == "POST":
        return _note(request)
    context = {"history": queries.history_of(request.user), "saved": queries.saved_by(request.user)}
    return render(request, "catalog/console/_kept.html", context)


def _note(request: TenantRequest) -> JsonResponse:
    given = read_json(request, LARGEST)
    try:
        row = services.note(
            operation=operation_of(str(given.get("api")), str(given.get("operation"))),
            api=str(given.get("api")),
            environment=str(given.get("environment")),
            given=given.get("content"),
            status=_number(given.get("status"), 999),
            took_ms=_number(given.get("took"), 10**9),
            by=request.user,
        )
    except ConsoleError as error:
        return JsonResponse({"error": str(error)}, status=400)
    return JsonResponse({"id": row.pk}, status=201)


@never_cache
@require_http_methods(["GET", "POST"])
@tenant_view(Role.VIEWER)
def kept(request: TenantRequest, pk: int) -> HttpResponse:
    """GET: what to fill in. POST {"do": "save" | "share" | "unshare" | "delete", "name": …}."""
    row: TestRequest = get_object_or_404(TestRequest.objects.of(request.tenant), pk=pk, user=request.user)
    if request.method == "GET":
        return JsonResponse(_told(row) | {"content": orjson.loads(row.content)})
    asked = read_json(request, LARGEST)
    try:
        changed = _change(row, str(asked.get("do")), str(asked.get("name") or ""), request)
    except ConsoleError as error:
        return JsonResponse({"error": str(error)}, status=400)
    return JsonResponse(_told(changed) if changed else {})


def _change(row: TestRequest, deed: str, name: str, request: TenantRequest) -> TestRequest | None:
    if deed == "delete":
        row.delete()
        return None
    if deed == "save":
        return services.save(request=row, name=name, by=request.user)
    return services.share(request=row, on=deed == "share")


def _told(row: TestRequest) -> dict[str, Any]:
    address = reverse("catalog:operation", args=[row.api, row.operation])
    return {
        "id": row.pk,
        "name": row.name,
        "address": address,
        "link": request_link(address, row.share) if row.share else "",
    }


def request_link(address: str, share: str) -> str:
    return f"{address}?request={share}#test"


@never_cache
@require_http_methods(["GET", "POST"])
@tenant_view(Role.VIEWER)
def variables(request: TenantRequest) -> JsonResponse:
    """POST {"name", "value"} sets one, {"name", "delete": true} takes it away; the answer is all of them."""
    if request.method == "POST":
        given = read_json(request, LARGEST)
        name, value = str(given.get("name") or ""), str(given.get("value") or "")
        if given.get("delete") is True:
            Variable.objects.of(request.tenant).filter(user=request.user, name=name).delete()
        else:
            try:
                services.set_variable(name=name, value=value, by=request.user)
            except ConsoleError as error:
                return JsonResponse({"error": str(error)}, status=400)
    return JsonResponse({"variables": queries.variables_of(request.user)})


def _number(value: Any, most: int) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= most else None
