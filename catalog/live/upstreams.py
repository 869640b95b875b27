"""What this process knows of tenants' upstreams, while their stamp stands."""

from __future__ import annotations

from dataclasses import dataclass

from catalog.access.models import Upstream
from catalog.access.queries import upstream_of
from catalog.access.services import subject
from catalog.gateway import gate
from portal.database import with_live_connection

MOST_KEPT = 5_000

_kept: dict[tuple[int, str], Known] = {}


@dataclass(frozen=True, slots=True)
class Known:
    version: int
    upstream: Upstream


def of(tenant_id: int, api: str, newest: int | None) -> Upstream | None:
    """The upstream as of now: `newest` is the version known to Valkey, None to ask the database."""
    key = (tenant_id, api)
    kept = _kept.get(key)
    if kept and kept.version == newest:
        return kept.upstream
    found = with_live_connection(lambda: upstream_of(tenant_id, api))
    _kept.pop(key, None)
    if found is None:
        return None
    if len(_kept) >= MOST_KEPT:
        _kept.clear()
    _kept[key] = Known(found.version, found)
    if newest is None:
        gate.lease(subject(tenant_id, api), found.version)
    return found


def forget() -> None:
    """Drops what this process keeps; for tests."""
    _kept.clear()
