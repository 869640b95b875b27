"""A run's state, alone: the fragment that pages poll."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.cache import never_cache

from portal.runs.models import Run
from portal.tenancy.access import TenantRequest, tenant_view
from portal.tenancy.models import Role


@never_cache
@tenant_view(Role.VIEWER)
def status(request: TenantRequest, pk: int) -> HttpResponse:
    run = get_object_or_404(Run.objects.of(request.tenant), pk=pk)
    return render(request, "runs/_status.html", {"run": run})
