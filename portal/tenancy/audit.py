"""The audit log: one line per change, in the same transaction as the change."""
from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from portal.tenancy.models import AuditLine, Tenant, User

# A closed list: a new action is added here and described in words, or it cannot be recorded.
ACTIONS = {
    "tenant.created": "created the account",
    "tenant.updated": "changed the account's settings",
    "user.created": "added a person",
    "user.signed_in": "signed in",
    "user.signed_out": "signed out",
    "app.created": "created an app",
    "app.updated": "edited an app",
    "app.deleted": "deleted an app",
    "credentials.issued": "issued credentials",
    "credentials.revoked": "ended credentials",
    "api.published": "published an API",
    "sandbox.reset": "reset the sandbox",
}


@dataclass(frozen=True, slots=True)
class Origin:
    """Where the current request came from; set by the request-id middleware."""

    request_id: str = ""
    address: str | None = None


origin: ContextVar[Origin] = ContextVar("origin", default=Origin())


def record(
    action: str,
    *,
    target: Any,
    by: User | None,
    tenant: Tenant | None,
    changes: dict[str, list[Any]] | None = None,
) -> None:
    """Writes one line. Must run inside the transaction of the change it tells of.

    `changes` maps a field to [before, after]; a secret never goes in.
    """
    if action not in ACTIONS:
        raise ValueError(f"{action!r} is not in audit.ACTIONS")
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError(f"{action}: an audit line belongs to its change's transaction")
    here = origin.get()
    AuditLine.objects.create(
        tenant=tenant,
        actor=by,
        actor_label=by.email if by else "system",
        action=action,
        target=f"{target._meta.model_name} {target.pk}",
        target_label=str(target)[:254],
        changes=changes or {},
        request_id=here.request_id,
        address=here.address,
    )
