"""Sign-in has names of its own; the rest of the room is named `tenancy:…`. Home stands in portal.front."""

from __future__ import annotations

from django.urls import include, path

from portal.tenancy import audit_pages, people_pages, views
from portal.tenancy.signin import operator_signin

admin = [
    path("users/", people_pages.users, name="users"),
    path("users/invite/", people_pages.invite, name="invite"),
    path("users/invitations/<int:pk>/resend/", people_pages.invitation_resend, name="invitation-resend"),
    path("users/invitations/<int:pk>/delete/", people_pages.invitation_delete, name="invitation-delete"),
    path("users/<int:pk>/", people_pages.person, name="person"),
    path("users/<int:pk>/deactivate/", people_pages.deactivate, name="person-deactivate"),
    path("users/<int:pk>/reactivate/", people_pages.reactivate, name="person-reactivate"),
    path("users/<int:pk>/remove/", people_pages.remove, name="person-remove"),
    path("audit/", audit_pages.audit_log, name="audit"),
    path("audit/export.csv", audit_pages.audit_export, {"form": "csv"}, name="audit-csv"),
    path("audit/export.json", audit_pages.audit_export, {"form": "json"}, name="audit-json"),
    path("settings/", views.tenant_settings, name="settings"),
]

urlpatterns = [
    path("signin/", views.signin, name="signin"),
    path("signout/", views.signout, name="signout"),
    path("", include("portal.tenancy.account_urls")),
    path("operator/login/", operator_signin, name="operator-signin"),  # before the admin's own
    path("", include("portal.tenancy.factors.urls")),
    path("", include("portal.tenancy.federation.urls")),
    path("admin/", include((admin, "tenancy"))),
]
