"""/admin/settings/apis/: where live calls lead, and which web sites may call."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from catalog.access import services
from catalog.access.forms import OriginForm, UpstreamForm
from catalog.access.models import AllowedOrigin, RateLimit, Upstream
from catalog.access.queries import origins_of, terms_of, upstream_of, upstreams_of
from catalog.access.services import NotAllowed
from catalog.live.trial import tried
from catalog.queries import current_version, published
from portal.tenancy.access import TenantRequest, tenant_view
from portal.tenancy.models import Role


@never_cache
@require_http_methods(["GET", "POST"])
@tenant_view(Role.ADMIN)
def api_settings(request: TenantRequest) -> HttpResponse:
    form = OriginForm(request.POST or None)
    if form.is_valid():
        try:
            allowed = services.allow_origin(tenant=request.tenant, by=request.user, **form.cleaned_data)
        except NotAllowed as error:
            form.add_error("origin", str(error))
        else:
            messages.success(request, f"Scripts of {allowed} may call your APIs within ten seconds.")
            return redirect("api-settings:list")
    known = upstreams_of(request.tenant)
    context = {
        "apis": [(api, known.get(api.slug)) for api in published()],
        "origins": origins_of(request.tenant),
        "limits": RateLimit.objects.of(request.tenant),
        "form": form,
    }
    return render(request, "catalog/access/list.html", context)


@never_cache
@require_http_methods(["GET", "POST"])
@tenant_view(Role.ADMIN)
def origin_remove(request: TenantRequest, pk: int) -> HttpResponse:
    allowed = get_object_or_404(AllowedOrigin.objects.of(request.tenant), pk=pk)
    if request.method == "POST":
        services.remove_origin(allowed=allowed, by=request.user)
        messages.success(request, f"{allowed} may no longer call your APIs.")
    return redirect("api-settings:list")


@sensitive_post_parameters("secret")
@never_cache
@require_http_methods(["GET", "POST"])
@tenant_view(Role.ADMIN)
def upstream(request: TenantRequest, slug: str) -> HttpResponse:
    version = current_version(slug)
    if version is None:
        raise Http404
    kept = upstream_of(request.tenant.pk, slug)
    form = UpstreamForm(request.POST or None, kept=kept, initial=_initial(kept))
    if form.is_valid():
        try:
            kept = services.set_upstream(
                tenant=request.tenant, api=slug, by=request.user, **form.cleaned_data
            )
        except NotAllowed as error:
            form.add_error("address", str(error))
        else:
            messages.success(request, f"The live address of {version.title} is saved. {tried(kept)}")
            return redirect("api-settings:list")
    context = {
        "form": form,
        "kept": kept,
        "version": version,
        "slug": slug,
        "live_url": f"{settings.PORTAL_URL}/live/{slug}",
        "limit": terms_of(request.tenant.pk, slug).limit,
    }
    return render(request, "catalog/access/upstream.html", context)


def _initial(kept: Upstream | None) -> dict[str, object]:
    if kept is None:
        return {"timeout": 30, "sign_in": Upstream.SignIn.NONE}
    return {name: getattr(kept, name) for name in services.SHOWN}


@never_cache
@require_http_methods(["GET", "POST"])
@tenant_view(Role.ADMIN)
def upstream_remove(request: TenantRequest, slug: str) -> HttpResponse:
    kept = get_object_or_404(Upstream.objects.of(request.tenant), api=slug)
    if request.method == "POST":
        services.remove_upstream(upstream=kept, by=request.user)
        messages.success(request, "The live address is removed: live calls are answered with 404 now.")
    return redirect("api-settings:list")
