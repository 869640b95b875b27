"""Every room's pages."""

from __future__ import annotations

from django.contrib import admin
from django.contrib.auth.decorators import login_not_required
from django.urls import URLPattern, URLResolver, include, path
from drf_spectacular.views import SpectacularAPIView

from portal.metrics import metrics
from portal.rest.problems import nothing_here
from portal.web import health

handler400 = "portal.web.errors.bad_request"
handler403 = "portal.web.errors.forbidden"
handler404 = "portal.web.errors.not_found"
handler500 = "portal.web.errors.server_error"

# The management API: each room hangs its own addresses in.
api: list[URLPattern | URLResolver] = [
    path("schema/", login_not_required(SpectacularAPIView.as_view()), name="schema"),
    path("usage/", include("usage.api_urls")),
    path("<path:rest>", nothing_here, name="nothing"),
]

urlpatterns = [
    path("", include("portal.front.urls")),
    path("", include("portal.tenancy.urls")),
    path("help/", include("portal.help.urls")),
    path("support/", include("portal.support.urls")),
    path("runs/", include("portal.runs.urls")),
    path("apps/", include("apps.urls")),
    path("catalog/", include("catalog.urls")),
    path("admin/settings/apis/", include("catalog.access.urls")),
    path("console/", include("catalog.console.urls")),
    path("integrations/", include("integrations.urls")),
    path("usage/", include("usage.urls")),
    path("api/v1/", include((api, "api"))),
    path("operator/", admin.site.urls),
    path("healthz", health.alive, name="healthz"),
    path("metrics", metrics, name="metrics"),
    path("readyz", health.ready, name="readyz"),
]
