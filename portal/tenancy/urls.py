"""Sign-in and home have names of their own; the rest of the room is named `tenancy:…`."""

from __future__ import annotations

from django.urls import include, path

from portal.tenancy import views

admin = [
    path("users/", views.users, name="users"),
    path("audit/", views.audit_log, name="audit"),
    path("settings/", views.tenant_settings, name="settings"),
]

urlpatterns = [
    path("", views.home, name="home"),
    path("signin/", views.signin, name="signin"),
    path("signout/", views.signout, name="signout"),
    path("admin/", include((admin, "tenancy"))),
]
