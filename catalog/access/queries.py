"""Reading what was set for calls."""

from __future__ import annotations

import time
from dataclasses import dataclass

from django.db import Error as DatabaseError
from django.db.models import QuerySet

from catalog.access.models import AllowedOrigin, RateLimit, Upstream
from catalog.models import Api
from portal.database import with_live_connection
from portal.tenancy.models import Tenant

LIFE = 10.0  # seconds until a process sees a changed limit or origin
MOST_KEPT = 10_000


@dataclass(frozen=True, slots=True)
class Terms:
    """What one tenant's calls to one API are held to. `limit`: None where only the document says."""

    limit: int | None
    origins: frozenset[str]


_kept: dict[tuple[int, str], tuple[float, Terms]] = {}


def terms_of(tenant_id: int, api: str) -> Terms:
    """At most LIFE seconds old; older while the database is away. Raises DatabaseError when never read."""
    key = (tenant_id, api)
    until, terms = _kept.get(key, (0.0, None))
    if terms is not None and until > time.monotonic():
        return terms
    try:
        terms = with_live_connection(lambda: _read(tenant_id, api))
    except DatabaseError:
        if terms is None:
            raise
    if len(_kept) >= MOST_KEPT:
        _kept.clear()
    _kept[key] = (time.monotonic() + LIFE, terms)
    return terms


def _read(tenant_id: int, api: str) -> Terms:
    limits = dict(RateLimit.objects.filter(tenant=tenant_id, api__in=["", api]).values_list("api", "calls"))
    limit = limits.get(api) or limits.get("")
    if limit is None:
        limit = Api.objects.filter(slug=api).values_list("rate_limit", flat=True).first()
    origins = AllowedOrigin.objects.filter(tenant=tenant_id).values_list("origin", flat=True)
    return Terms(limit, frozenset(origins))


def is_anybodys_origin(origin: str) -> bool:
    """Whether any tenant allows it: a preflight request carries no token that would tell whose it is."""
    return AllowedOrigin.objects.filter(origin=origin).exists()


def upstream_of(tenant_id: int, api: str) -> Upstream | None:
    return Upstream.objects.filter(tenant=tenant_id, api=api).first()


def upstreams_of(tenant: Tenant) -> dict[str, Upstream]:
    """By API."""
    return {one.api: one for one in Upstream.objects.of(tenant)}


def origins_of(tenant: Tenant) -> QuerySet[AllowedOrigin]:
    return AllowedOrigin.objects.of(tenant)


def forget() -> None:
    """Drops what this process keeps; for tests."""
    _kept.clear()
