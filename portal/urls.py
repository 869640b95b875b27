"""Every room's pages."""

from __future__ import annotations

from django.contrib import admin
from django.urls import include, path

from portal.metrics import metrics
from portal.web import health

handler400 = "portal.web.errors.bad_request"
handler403 = "portal.web.errors.forbidden"
handler404 = "portal.web.errors.not_found"
handler500 = "portal.web.errors.server_error"

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
    path("operator/", admin.site.urls),
    path("healthz", health.alive, name="healthz"),
    path("metrics", metrics, name="metrics"),
    path("readyz", health.ready, name="readyz"),
]
