from __future__ import annotations

from django.urls import path

from portal.tenancy.factors import views
from portal.tenancy.factors.challenge import challenge

app_name = "factors"
urlpatterns = [
    path("signin/factor/", challenge, name="challenge"),
    path("account/security/", views.security, name="security"),
    path("account/security/required/", views.required, name="required"),
    path("account/security/authenticator/", views.authenticator, name="authenticator"),
    path("account/security/authenticator/remove/", views.authenticator_remove, name="authenticator-remove"),
    path("account/security/passkeys/add/", views.passkey_add, name="passkey-add"),
    path("account/security/passkeys/<int:pk>/remove/", views.passkey_remove, name="passkey-remove"),
    path("admin/users/<int:pk>/second-factors/", views.reset, name="reset"),
    path("account/security/codes/", views.codes, name="codes"),
]
