"""The console of an operation: its form, the check of an answer, the code of a call, tokens."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

import orjson
from django.conf import settings
from django.db.models import F
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.templatetags.static import static
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_POST, require_safe

from apps.console import issue_token, sandbox_client
from apps.errors import AppError
from apps.models import App
from apps.queries import apps_of
from catalog.access.queries import upstream_of
from catalog.console import checking, code, queries
from catalog.console.errors import ConsoleError
from catalog.console.form import form_of
from catalog.models import Operation
from catalog.queries import current_version
from portal.tenancy.access import TenantRequest, tenant_view
from portal.tenancy.models import Role

LARGEST_ANSWER = 10 * 1024 * 1024  # bytes that are checked against the document
LARGEST_CALL = 512 * 1024
ACE = """ace.css ace.js ext-language_tools.js ext-searchbox.js mode-json.js mode-xml.js worker-json.js
worker-xml.js""".split()
FIRST = ("workforce", "searchEmployees")  # where a new app is tried first


@never_cache
@require_safe
@tenant_view(Role.VIEWER)
def panel(request: TenantRequest, slug: str, operation_id: str) -> HttpResponse:
    operation = operation_of(slug, operation_id)
    may_authorize = request.user.has_role(Role.DEVELOPER)
    shared = queries.shared_in(request.tenant, request.GET.get("request", "")[:32])
    upstream = upstream_of(request.tenant.pk, slug)
    context = {
        "slug": slug,
        "form": form_of(operation.pk, operation.version.digest),
        "sandbox_url": f"{settings.PORTAL_URL}/sandbox/{slug}",
        "live": upstream.address if upstream else "",
        "live_url": f"{settings.PORTAL_URL}/live/{slug}",
        "apps": apps_of(request.tenant).filter(console_of=None).order_by("folded_name")
        if may_authorize
        else [],
        "chosen": request.GET.get("app", ""),
        "may_authorize": may_authorize,
        "variables": queries.variables_of(request.user),
        "ace": json.dumps({name: static(f"vendor/ace/{name}") for name in ACE}),
        "shared": shared,
        "shared_content": orjson.loads(shared.content) if shared else None,
    }
    return render(request, "catalog/console/panel.html", context)


@require_POST
@tenant_view(Role.VIEWER)
def check(request: TenantRequest, slug: str, operation_id: str) -> JsonResponse:
    """The body is the answer as it came; what else it had is in the query."""
    body = _body(request, LARGEST_ANSWER)
    asked = request.GET
    if body is None or not asked.get("status", "").isdigit():
        return _refused("The answer is too large to be compared with the document.", 413)
    report = checking.check(
        operation_of(slug, operation_id),
        status=int(asked["status"][:3]),
        media_type=asked.get("type", ""),
        headers=asked.get("headers", "").split(","),
        body=body,
    )
    return JsonResponse(report.as_json())


@require_POST
@tenant_view(Role.VIEWER)
def samples(request: TenantRequest, slug: str, operation_id: str) -> JsonResponse:
    try:
        return JsonResponse(code.code_of(read_json(request, LARGEST_CALL)))
    except ConsoleError as error:
        return _refused(str(error), 400)


@never_cache
@require_POST
@tenant_view(Role.DEVELOPER)
@sensitive_variables("token", "told")
def token(request: TenantRequest) -> JsonResponse:
    """{"app": App ID, or "" for the person's own client; "scopes": […]} to a token. The secret stays here."""
    asked = read_json(request, LARGEST_CALL)
    try:
        app = _app(request, str(asked["app"]))
        scopes = None if asked.get("scopes") is None else [str(one) for one in asked["scopes"]]
        token = issue_token(app=app, scopes=scopes, by=request.user)
    except AppError as error:
        return _refused(str(error), 409)
    except (KeyError, TypeError):
        return _refused("The request could not be read.", 400)
    told = {"token": token.value, "seconds": token.seconds, "scopes": token.scopes}
    return JsonResponse(told | {"app": app.name, "client": app.client_id})


def _app(request: TenantRequest, public_id: str) -> App:
    if not public_id:
        return sandbox_client(by=request.user)
    found: App = get_object_or_404(App.objects.of(request.tenant).living(), public_id=public_id)
    return found


@require_safe
@tenant_view(Role.VIEWER)
def try_app(request: TenantRequest) -> HttpResponse:
    """From an app to its first call: the console of the first operation, with that app chosen."""
    on_offer = Operation.objects.filter(version=F("version__api__current"))
    slug, operation_id = FIRST
    if not on_offer.filter(version__api__slug=slug, operation_id=operation_id).exists():
        one = on_offer.select_related("version__api").order_by("version", "position").defer("closure").first()
        if one is None:
            return redirect("catalog:list")
        slug, operation_id = one.version.api.slug, one.operation_id
    address = reverse("catalog:operation", args=[slug, operation_id])
    return redirect(f"{address}?{urlencode({'app': request.GET.get('app', '')[:40]})}#test")


def operation_of(slug: str, operation_id: str) -> Operation:
    version = current_version(slug)
    if version is None:
        raise Http404
    found: Operation = get_object_or_404(
        version.operations.select_related("version"), operation_id=operation_id
    )
    return found


def _body(request: HttpRequest, limit: int) -> bytes | None:
    """Read past Django's own limit, which is meant for forms; None when it is longer than `limit`."""
    body = request.read(limit + 1)
    return None if len(body) > limit else body


def read_json(request: HttpRequest, limit: int) -> Any:
    """{} for anything that is no JSON object: what is missing is refused where it is needed."""
    try:
        found = orjson.loads(_body(request, limit) or b"")
    except orjson.JSONDecodeError:
        return {}
    return found if isinstance(found, dict) else {}


def _refused(message: str, status: int) -> JsonResponse:
    return JsonResponse({"error": message}, status=status)
