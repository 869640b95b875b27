"""What the pages of one integration have in common."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpResponse, HttpResponseBase, HttpResponseNotAllowed
from django.shortcuts import get_object_or_404, render
from django.views.decorators.cache import never_cache

from integrations.connectors import PROVIDERS
from integrations.errors import IntegrationError
from integrations.models import Integration
from integrations.queries import card_of, reading, syncing
from portal.runs.services import AlreadyRunning
from portal.tenancy.access import TenantRequest, tenant_view
from portal.tenancy.models import Role
from portal.web.errors import problem_page


def integration_of(request: TenantRequest, pk: int) -> Integration:
    found: Integration = get_object_or_404(
        Integration.objects.of(request.tenant).select_related("tenant"), pk=pk
    )
    return found


def page(
    request: TenantRequest, template: str, integration: Integration, *, status: int = 200, **more: Any
) -> HttpResponse:
    """A page with what the head and tabs of every page of an integration need."""
    context = {
        "integration": integration,
        "provider": PROVIDERS[integration.provider],
        "card": card_of(integration),
        "steps": _steps(integration, template),
        "is_overview": template == "integrations/overview.html",
        "reading": reading(integration),
        "sync_run": syncing(integration),
        "may_change": request.user.has_role(Role.DEVELOPER),
    }
    return render(request, template, context | more, status=status)


def _steps(integration: Integration, template: str) -> list[dict[str, Any]]:
    """The four steps: which are done, which can be opened, which is this page."""
    order = [Integration.Step.FIELDS, Integration.Step.PEOPLE, Integration.Step.SYNC, Integration.Step.READY]
    reached = order.index(Integration.Step(integration.step)) + 1
    names = (
        ("connect", "Connect"),
        ("fields", "Map time-off types"),
        ("people", "Map employees"),
        ("schedule", "Sync"),
    )
    return [
        {
            "number": number + 1,
            "route": f"integrations:{name}",
            "label": label,
            "is_done": number < reached,
            "is_open": number <= reached,
            "is_current": template == f"integrations/{name}.html",
        }
        for number, (name, label) in enumerate(names)
    ]


def integration_view(
    role: Role, *methods: str
) -> Callable[[Callable[..., HttpResponseBase]], Callable[..., HttpResponseBase]]:
    """A page of one integration, which it gets instead of the number in its address.

    A stranger's is not found, whatever the method; a refusal of a button becomes a page with its words.
    """

    def decorate(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
        @wraps(view)
        def guarded(request: TenantRequest, pk: int, **kwargs: Any) -> HttpResponseBase:
            integration = integration_of(request, pk)
            if request.method not in methods:
                return HttpResponseNotAllowed(methods)
            try:
                return view(request, integration, **kwargs)
            except (IntegrationError, AlreadyRunning) as error:
                return problem_page(request, 409, "That cannot be done now", str(error))

        return never_cache(tenant_view(role)(guarded))  # type: ignore[arg-type]  # pk comes by keyword

    return decorate
