from __future__ import annotations

from django.urls import path, re_path

from usage.views import dashboard, exports

app_name = "usage"
urlpatterns = [
    path("", dashboard.dashboard, name="dashboard"),
    re_path(r"^export\.(?P<form>csv|json|xlsx)$", exports.export, name="export"),
]
