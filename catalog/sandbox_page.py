"""A tenant's sandbox of one API: what it holds, and the button that puts it back."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from catalog.queries import current_version, sandbox_counts
from catalog.sandbox import engine
from catalog.sandbox.services import reset
from portal.tenancy.access import TenantRequest, tenant_view
from portal.tenancy.models import Role


@never_cache
@require_http_methods(["GET", "POST"])
@tenant_view(Role.DEVELOPER)
def sandbox(request: TenantRequest, slug: str) -> HttpResponse:
    version = current_version(slug)
    if version is None or not engine.collections(version.outline()):
        raise Http404
    if request.method == "POST":
        reset(tenant=request.tenant, api=slug, by=request.user)
        messages.success(request, f"The sandbox of {version.title} is back to the data it began with.")
        return redirect("catalog:sandbox", slug)
    counts = sandbox_counts(request.tenant, slug)
    context = {"slug": slug, "version": version, "counts": counts, "total": sum(counts.values())}
    return render(request, "catalog/sandbox.html", context)
