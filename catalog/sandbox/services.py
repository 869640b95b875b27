"""Changing sandboxes from outside a call."""

from __future__ import annotations

from catalog.errors import CatalogError
from catalog.models import Api
from catalog.sandbox import engine
from portal.tenancy import audit
from portal.tenancy.models import Tenant, User


def reset(*, tenant: Tenant, api: str, by: User | None) -> None:
    """Puts a tenant's sandbox of one API back to its seed. Raises CatalogError when it has none to reset."""
    found = Api.objects.filter(slug=api).select_related("current").defer("current__source").first()
    keys = engine.collections(found.current.outline()) if found and found.current else {}
    if found is None or not keys:
        raise CatalogError(f"There is no API “{api}” with a sandbox that keeps data.")
    rows = engine.store(tenant_id=tenant.pk, api=api, keys=keys, today=tenant.today())
    rows.reset(also=lambda: audit.record("sandbox.reset", target=found, by=by, tenant=tenant))
