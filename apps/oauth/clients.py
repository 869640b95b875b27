"""The client behind a request, read in one plain query: the ORM would cost more than all other work."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.db import connection

from apps.secrets import digest, is_well_formed, make, verify

LOAD = """
SELECT app.id, app.client_secret, app.credential_epoch, app.scope, tenant.slug,
    (SELECT {collected} FROM apps_scope)
FROM apps_app app JOIN tenancy_tenant tenant ON tenant.id = app.tenant_id
WHERE app.client_id = %s AND app.deleted_at IS NULL AND tenant.is_active
"""
COLLECTED = {"postgresql": "string_agg(name, ' ')", "sqlite": "group_concat(name, ' ')"}

UNKNOWN = digest(make("secret"))  # what an unknown client's secret is checked against, to cost the same


@dataclass(frozen=True, slots=True)
class Client:
    """An authenticated app; `scopes` are the published ones it may ask for."""

    app_id: int
    client_id: str
    tenant: str  # its slug
    epoch: int
    scopes: frozenset[str] = field(repr=False)


def authenticate(client_id: str, secret: str) -> Client | None:
    """None for an unknown client, an app or tenant out of use, a wrong secret: all at the same cost."""
    if not is_well_formed(secret, "secret") or "\0" in client_id:
        return None
    with connection.cursor() as cursor:
        cursor.execute(LOAD.format(collected=COLLECTED[connection.vendor]), [client_id])
        row = cursor.fetchone()
    if row is None:
        verify(secret, UNKNOWN)
        return None
    app_id, kept, epoch, asked, tenant, published = row
    if not verify(secret, kept):
        return None
    scopes = frozenset((published or "").split())
    return Client(app_id, client_id, tenant, epoch, scopes & set(asked.split()) if asked else scopes)
