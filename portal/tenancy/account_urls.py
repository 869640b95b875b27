"""Links in mails, and a person's own pages: addresses without a room's prefix in their names."""

from __future__ import annotations

from django.urls import path

from portal.tenancy import account_pages, invite_pages, proof_pages

urlpatterns = [
    path("invite/", invite_pages.register, name="register"),
    path("invite/<str:token>/", invite_pages.open_link, name="invite"),
    path("verify/", proof_pages.verify, name="verify-now"),
    path("verify/<str:token>/", proof_pages.verify_open, name="verify"),
    path("reset/", proof_pages.reset, name="reset"),
    path("reset/new/", proof_pages.reset_new, name="reset-new"),
    path("reset/<str:token>/", proof_pages.reset_open, name="reset-open"),
    path("account/", account_pages.overview, name="account"),
    path("account/password/", account_pages.password, name="account-password"),
    path("account/email/", account_pages.email, name="account-email"),
    path("account/email/confirm/", account_pages.email_confirm, name="email-confirm"),
    path("account/email/<str:token>/", account_pages.email_open, name="email-open"),
    path("account/sessions/end/", account_pages.end_other_sessions, name="account-sessions-end"),
    path("account/sessions/<str:pk>/end/", account_pages.end_session, name="account-session-end"),
    path("account/data/", account_pages.data, name="account-data"),
]
