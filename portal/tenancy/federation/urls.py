from __future__ import annotations

from django.urls import path

from portal.tenancy.federation import admin_views, views

app_name = "federation"
urlpatterns = [
    path("signin/provider/", views.start, name="start"),
    path("signin/saml/finish/", views.finish, name="finish"),
    path("signin/oidc/<slug:slug>/callback/", views.callback, name="callback"),
    path("signin/saml/<slug:slug>/acs/", views.acs, name="acs"),
    path("signin/saml/<slug:slug>/metadata/", views.metadata, name="metadata"),
    path("admin/settings/sign-in/", admin_views.signin_settings, name="settings"),
    path("admin/settings/sign-in/test/", admin_views.test, name="test"),
    path("admin/settings/sign-in/on/", admin_views.switch_on, name="switch-on"),
    path("admin/settings/sign-in/off/", admin_views.switch_off, name="switch-off"),
    path("admin/settings/sign-in/second-factor/", admin_views.second_factor, name="second-factor"),
]
