from __future__ import annotations

from django.urls import path

from catalog.access import views

app_name = "api-settings"
urlpatterns = [
    path("", views.api_settings, name="list"),
    path("origins/<int:pk>/remove/", views.origin_remove, name="origin-remove"),
    path("<slug:slug>/", views.upstream, name="upstream"),
    path("<slug:slug>/remove/", views.upstream_remove, name="upstream-remove"),
]
