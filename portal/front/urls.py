"""Pages for everybody. Their names stand without a prefix, as those of sign-in and home do."""

from __future__ import annotations

from django.urls import path

from portal.front import views

urlpatterns = [
    path("", views.front, name="home"),
    path("status/", views.status, name="status"),
    path("status.json", views.status_json, name="status-json"),
    path("legal/<slug:kind>/", views.legal_page, name="legal"),
]
