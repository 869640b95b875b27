"""The list, the choice of a provider, and the first step."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_GET, require_http_methods

from catalog.access.queries import upstream_of
from integrations.connectors import PROVIDERS
from integrations.connectors.base import Provider, ProviderError
from integrations.errors import IntegrationError
from integrations.forms import ConnectForm
from integrations.models import Integration
from integrations.queries import cards_of
from integrations.services import connecting
from integrations.simulators.company import DEMO_DOMAIN, DEMO_KEY
from integrations.views.door import integration_view, page
from portal.tenancy.access import TenantRequest, tenant_view
from portal.tenancy.models import Role
from portal.tenancy.throttle import TooMany


@never_cache
@require_GET
@tenant_view(Role.VIEWER)
def integration_list(request: TenantRequest) -> HttpResponse:
    planned = [one for one in PROVIDERS.values() if one.connect is None]
    may_change = request.user.has_role(Role.DEVELOPER)
    context = {"cards": cards_of(request.tenant), "planned": planned, "may_change": may_change}
    return render(request, "integrations/list.html", context)


@require_GET
@tenant_view(Role.DEVELOPER)
def provider_list(request: TenantRequest) -> HttpResponse:
    return render(request, "integrations/add.html", {"providers": PROVIDERS.values()})


@never_cache
@require_http_methods(["GET", "POST"])
@sensitive_post_parameters("key")
@tenant_view(Role.DEVELOPER)
def add(request: TenantRequest, provider: str) -> HttpResponse:
    """Test Connection: a connection that works is kept, and the next step is open."""
    chosen = PROVIDERS.get(provider)
    if chosen is None or chosen.connect is None:
        raise Http404
    form = ConnectForm(request.POST or None, provider=chosen)
    verdict = ""
    if form.is_valid():
        try:
            account = form.account()
            company = connecting.test(account, tenant=request.tenant)
            made = connecting.create_integration(account=account, company=company, by=request.user)
            return _go(request, reverse("integrations:connect", args=[made.pk]))
        except (ProviderError, TooMany, IntegrationError) as error:
            verdict = _words(error)
    return _connect_page(request, chosen, form, verdict)


@sensitive_post_parameters("key")
@integration_view(Role.DEVELOPER, "GET", "POST")
def connect(request: TenantRequest, integration: Integration) -> HttpResponse:
    form = ConnectForm(
        request.POST or None,
        provider=PROVIDERS[integration.provider],
        initial={"domain": integration.company_domain},
    )
    verdict = ""
    if form.is_valid():
        try:
            account = form.account()
            company = connecting.test(account, tenant=request.tenant)
            connecting.reconnect(integration=integration, account=account, company=company, by=request.user)
            messages.success(request, "The connection works and is saved.")
            return _go(request, reverse("integrations:connect", args=[integration.pk]))
        except (ProviderError, TooMany, IntegrationError) as error:
            verdict = _words(error)
            integration.refresh_from_db()
    if request.headers.get("HX-Request") and request.method == "POST":
        return _verdict(request, form, verdict)
    has_live = upstream_of(request.tenant.pk, "workforce") is not None
    demo = _demo() if integration.needs_reconnect else {}
    context: dict[str, Any] = {"form": form, "verdict": verdict, "has_live": has_live, **demo}
    return page(request, "integrations/connect.html", integration, **context)


@integration_view(Role.DEVELOPER, "POST")
def credentials(request: TenantRequest, integration: Integration) -> HttpResponse:
    connecting.renew_credentials(integration=integration, by=request.user)
    messages.success(request, "The integration has new credentials.")
    return redirect("integrations:connect", integration.pk)


@integration_view(Role.DEVELOPER, "POST")
def environment(request: TenantRequest, integration: Integration) -> HttpResponse:
    chosen = request.POST.get("environment", "")
    if chosen == "sandbox" or (chosen == "live" and upstream_of(request.tenant.pk, "workforce")):
        connecting.choose_environment(integration=integration, environment=chosen, by=request.user)
    return redirect("integrations:connect", integration.pk)


def _connect_page(
    request: TenantRequest, provider: Provider, form: ConnectForm, verdict: str
) -> HttpResponse:
    if request.headers.get("HX-Request") and request.method == "POST":
        return _verdict(request, form, verdict)
    context = {"form": form, "provider": provider, "verdict": verdict, **_demo()}
    return render(request, "integrations/new.html", context)


def _verdict(request: HttpRequest, form: ConnectForm, verdict: str) -> HttpResponse:
    """Only what was found: the key stays in the browser's field, so a wrong domain can be mended alone."""
    said = [verdict] if verdict else [text for texts in form.errors.values() for text in texts]
    return render(request, "integrations/_verdict.html", {"said": said})


def _go(request: HttpRequest, address: str) -> HttpResponse:
    if request.headers.get("HX-Request"):
        return HttpResponse(headers={"HX-Redirect": address})
    return redirect(address)


@sensitive_variables("error")
def _words(error: Exception) -> str:
    if isinstance(error, TooMany):
        return (
            f"Too many tests in a short time. Wait {error.wait} s: providers pause access after wrong keys."
        )
    return str(error)


def _demo() -> dict[str, str]:
    """What to type where the HR systems are simulated on this machine."""
    return {"demo_domain": DEMO_DOMAIN, "demo_key": DEMO_KEY} if settings.HRIS_DEMO else {}
