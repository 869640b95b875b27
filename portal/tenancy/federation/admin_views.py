"""/admin/settings/sign-in/: how an account's people sign in."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_POST

from portal.tenancy.access import TenantRequest, tenant_view
from portal.tenancy.factors.services import require_factor
from portal.tenancy.federation import flow, services, testing
from portal.tenancy.federation.forms import OidcForm, SamlForm
from portal.tenancy.federation.models import IdentityProvider
from portal.tenancy.federation.services import ProviderRefused
from portal.tenancy.federation.views import told
from portal.tenancy.models import Role, User

FORMS: dict[str, type[OidcForm] | type[SamlForm]] = {"oidc": OidcForm, "saml": SamlForm}


@sensitive_post_parameters("client_secret")
@never_cache
@tenant_view(Role.ADMIN)
def signin_settings(request: TenantRequest) -> HttpResponse:
    provider = IdentityProvider.objects.of(request.tenant).first()
    kind = request.GET.get("kind", provider.kind if provider else "oidc")
    kind = kind if kind in FORMS else "oidc"
    form = FORMS[kind](request.POST or None, provider=provider)
    if not form.is_valid():
        return _page(request, provider, kind, form)
    try:
        services.save_provider(
            tenant=request.tenant, issuer=form.issuer, settings=form.result, by=request.user
        )
    except ProviderRefused as error:
        form.add_error(None, str(error))
        return _page(request, provider, kind, form)
    messages.success(request, "Saved. Now test it: nobody is affected before you switch it on.")
    return redirect("federation:settings")


def _page(
    request: TenantRequest, provider: IdentityProvider | None, kind: str, form: OidcForm | SamlForm
) -> HttpResponse:
    slug = request.tenant.slug
    context = {
        "provider": provider,
        "kind": kind,
        "form": form,
        "callback": flow.callback(slug),
        "ours": flow.ourselves(slug),
        "received": testing.received(request, provider),
        "people": User.objects.filter(tenant=request.tenant).count(),
        "may_switch_on": bool(provider and provider.tested_by_id == request.user.pk and provider.tested_at),
    }
    return render(request, "federation/settings.html", context)


@never_cache
@require_GET
@tenant_view(Role.ADMIN)
@told
def test(request: TenantRequest) -> HttpResponse:
    provider = get_object_or_404(IdentityProvider.objects.of(request.tenant))
    return redirect(flow.start(request, provider, purpose=flow.TEST))


@never_cache
@require_POST
@tenant_view(Role.ADMIN)
def switch_on(request: TenantRequest) -> HttpResponse:
    provider = get_object_or_404(IdentityProvider.objects.of(request.tenant))
    try:
        services.switch_on(provider=provider, by=request.user)
    except ProviderRefused as error:
        messages.error(request, str(error))
    else:
        request.user.refresh_from_db()
        update_session_auth_hash(
            request, request.user
        )  # everybody else's sessions ended with their passwords
        request.session["second_factor"] = "provider"
        messages.success(request, "People of this account sign in at your provider from now on.")
    return redirect("federation:settings")


@never_cache
@require_POST
@tenant_view(Role.ADMIN)
def switch_off(request: TenantRequest) -> HttpResponse:
    provider = get_object_or_404(IdentityProvider.objects.of(request.tenant))
    services.switch_off(provider=provider, by=request.user)
    messages.success(request, "People sign in with passwords again. Those without one choose it by e-mail.")
    return redirect("federation:settings")


@never_cache
@require_POST
@tenant_view(Role.ADMIN)
def second_factor(request: TenantRequest) -> HttpResponse:
    is_required = request.POST.get("required") == "on"
    require_factor(tenant=request.tenant, is_required=is_required, by=request.user)
    messages.success(
        request,
        "Everybody needs a second factor from now on."
        if is_required
        else "A second factor is each person's choice.",
    )
    return redirect("federation:settings")
