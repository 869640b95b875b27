"""What belongs to one person or tenant; the consoles of operations are in catalog.urls."""

from __future__ import annotations

from django.urls import path

from catalog.console import kept_views, views

app_name = "console"
urlpatterns = [
    path("token/", views.token, name="token"),
    path("requests/", kept_views.requests, name="requests"),
    path("requests/<int:pk>/", kept_views.kept, name="request"),
    path("variables/", kept_views.variables, name="variables"),
]
