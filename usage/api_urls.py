"""Below /api/v1/usage/."""

from __future__ import annotations

from django.urls import path

from usage import api

urlpatterns = [
    path("", api.UsageView.as_view(), name="usage"),
    path("requests/", api.RequestsView.as_view(), name="usage-requests"),
]
