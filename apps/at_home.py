"""What this room tells on the home page: apps, and the first steps with one."""

from __future__ import annotations

from django.urls import reverse
from oauth2_provider.models import AccessToken

from apps.queries import apps_of
from portal.tenancy import homepage
from portal.tenancy.homepage import Figure, Step
from portal.tenancy.models import Tenant


def register() -> None:
    text = "It gets an App ID, a Client ID and a Client Secret, in half a minute."
    homepage.step(Step("first-app", 10, "Create an app", text, "apps:create", has_app))
    text = "Paste the first line from the page of the new app into a terminal, or press Try it now."
    homepage.step(Step("first-token", 20, "Get a token", text, "apps:list", has_token))
    homepage.figure("apps", count)


def has_app(tenant: Tenant) -> bool:
    return apps_of(tenant).filter(console_of=None).exists()


def has_token(tenant: Tenant) -> bool:
    return AccessToken.objects.filter(application__tenant=tenant).exists()


def count(tenant: Tenant) -> Figure:
    number = apps_of(tenant).filter(console_of=None).count()
    return Figure("Apps", f"{number:,}", "with credentials of their own", reverse("apps:list"))
