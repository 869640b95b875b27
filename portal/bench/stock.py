"""The other yardstick: django-oauth-toolkit as its documentation sets it up, on the same database server."""

from __future__ import annotations

import os

import environ
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.urls import include, path

if not settings.configured:
    settings.configure(
        SECRET_KEY="bench",  # noqa: S106
        ALLOWED_HOSTS=["*"],
        ROOT_URLCONF=__name__,
        INSTALLED_APPS=[
            "django.contrib.auth",
            "django.contrib.contenttypes",
            "django.contrib.sessions",
            "oauth2_provider",
        ],
        MIDDLEWARE=[
            "django.middleware.security.SecurityMiddleware",
            "django.contrib.sessions.middleware.SessionMiddleware",
            "django.middleware.common.CommonMiddleware",
            "django.middleware.csrf.CsrfViewMiddleware",
            "django.contrib.auth.middleware.AuthenticationMiddleware",
        ],
        OAUTH2_PROVIDER={"SCOPES": {"read": "Read"}},
        DATABASES={"default": environ.Env.db_url_config(os.environ["STOCK_DATABASE_URL"])},
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        USE_TZ=True,
        LOGGING_CONFIG=None,
    )

application = get_wsgi_application()  # sets Django up, which the toolkit's urls need
urlpatterns = [path("o/", include("oauth2_provider.urls", namespace="oauth2_provider"))]


def prepare() -> None:
    """Tables and one application with the id and secret "bench"."""
    from django.core.management import call_command
    from oauth2_provider.models import Application

    call_command("migrate", verbosity=0)
    Application.objects.get_or_create(
        client_id="bench",
        defaults={
            "client_secret": "bench-secret-bench-secret",
            "client_type": "confidential",
            "authorization_grant_type": "client-credentials",
        },
    )


if __name__ == "__main__":
    prepare()
