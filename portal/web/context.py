"""What the frame of every page shows: the portal's name, the tenant, the navigation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject

from portal.front.queries import catalog_is_public
from portal.tenancy.models import Role, User


@dataclass(frozen=True, slots=True)
class Item:
    label: str
    url: str
    icon: str
    is_current: bool


@dataclass(frozen=True, slots=True)
class Group:
    title: str
    items: list[Item]


DEVELOPER = (
    ("Apps", "apps:list", "apps"),
    ("API catalog", "catalog:list", "catalog"),
    ("Integrations", "integrations:list", "integrations"),
    ("Usage", "usage:dashboard", "usage"),
)
HELP = (
    ("Help centre", "help:home", "help"),
    ("Contact support", "support:contact", "support"),
)
ADMIN = (
    ("User management", "tenancy:users", "users"),
    ("Audit log", "tenancy:audit", "audit"),
    ("Settings", "tenancy:settings", "settings"),
)


def shell(request: HttpRequest) -> dict[str, Any]:
    context: dict[str, Any] = {"portal_name": settings.PORTAL_NAME, "layout": "base_open.html"}
    user = getattr(request, "user", None)
    if isinstance(user, User) or getattr(user, "is_authenticated", False):
        assert user is not None
        tenant = user.tenant
        context |= {"tenant": tenant, "navigation": navigation(request.path, user) if tenant else []}
        if tenant:
            return context | {"layout": "base_signed_in.html"}
    return context | {"catalog_is_public": SimpleLazyObject(catalog_is_public)}


def navigation(path: str, user: User) -> list[Group]:
    """The groups this person may use; the item of the page at `path` is current."""
    groups = [_group("Developer", DEVELOPER, path)]
    if user.has_role(Role.ADMIN):
        groups.append(_group("Admin", ADMIN, path))
    groups.append(_group("Help", HELP, path))
    return groups


def _group(title: str, entries: tuple[tuple[str, str, str], ...], path: str) -> Group:
    items = []
    for label, name, picture in entries:
        url = reverse(name)
        items.append(Item(label, url, picture, is_current=path.startswith(url)))
    return Group(title, items)
