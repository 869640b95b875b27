"""The audit log: one line per change, in the same transaction as the change."""

from __future__ import annotations

import json
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from portal.tenancy import chain
from portal.tenancy.models import AuditLine, Tenant, User

# A closed list: a new action is added here and described in words, or it cannot be recorded.
ACTIONS = {
    "tenant.created": "created the account",
    "tenant.updated": "changed the account's settings",
    "user.created": "added a person",
    "user.renamed": "changed a person's name",
    "user.role_changed": "changed a person's role",
    "user.deactivated": "deactivated a person",
    "user.reactivated": "reactivated a person",
    "user.removed": "removed a person",
    "user.verified": "proved their e-mail address",
    "user.password_changed": "changed their password",
    "user.password_reset": "chose a new password by e-mail",
    "user.email_asked": "asked to change their e-mail address",
    "user.email_changed": "changed their e-mail address",
    "user.data_exported": "downloaded their data",
    "sessions.ended": "ended sessions",
    "invitation.sent": "invited a person",
    "invitation.resent": "sent an invitation again",
    "invitation.deleted": "deleted an invitation",
    "invitation.accepted": "accepted an invitation",
    "audit.exported": "exported the audit log",
    "user.signed_in": "signed in",
    "user.signed_out": "signed out",
    "factor.added": "added a second factor",
    "factor.removed": "removed a second factor",
    "factors.reset": "took away a person's second factors",
    "recovery_codes.made": "made new recovery codes",
    "recovery_code.used": "signed in with a recovery code",
    "identity.linked": "linked a person to the identity provider",
    "provider.updated": "changed the identity provider",
    "provider.tested": "tested the identity provider",
    "provider.switched_on": "switched sign-in to the identity provider",
    "provider.switched_off": "switched sign-in back to passwords",
    "app.created": "created an app",
    "app.updated": "edited an app",
    "app.deleted": "deleted an app",
    "credentials.issued": "issued credentials",
    "credentials.revoked": "ended credentials",
    "token.issued": "got an app's token for Test Request",
    "alert.created": "created an alert",
    "alert.updated": "changed an alert",
    "alert.deleted": "deleted an alert",
    "api.published": "published an API",
    "portal.configured": "changed the portal's settings",
    "legal.changed": "changed a legal page",
    "ticket.opened": "asked support",
    "ticket.answered": "answered a support ticket",
    "ticket.closed": "closed a support ticket",
    "ticket.reopened": "opened a support ticket again",
    "sandbox.reset": "reset the sandbox",
    "upstream.set": "set the live address of an API",
    "upstream.removed": "removed the live address of an API",
    "origin.allowed": "allowed a web site to call the APIs",
    "origin.removed": "took away a web site's leave to call the APIs",
    "integration.connected": "connected an HR system",
    "integration.reconnected": "changed the connection of an integration",
    "integration.mapped": "changed what an integration maps",
    "integration.people_mapped": "confirmed the employees of an integration",
    "integration.scheduled": "changed when an integration syncs",
    "integration.disabled": "disabled an integration",
    "integration.enabled": "enabled an integration",
    "integration.deleted": "deleted an integration",
    "sync.started": "started a sync",
    "sync.released": "let a held sync go on",
    "sync.discarded": "stopped a held sync",
}


@dataclass(frozen=True, slots=True)
class Origin:
    """Where the current request came from; set by the request-id middleware."""

    request_id: str = ""
    address: str | None = None


origin: ContextVar[Origin] = ContextVar("origin", default=Origin())  # noqa: B039 - frozen


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
    line = AuditLine(
        tenant=tenant,
        actor=by,
        actor_label=by.email if by else "system",
        actor_ref=f"user {by.pk}" if by else "",
        action=action,
        target=f"{target._meta.model_name} {target.pk}",
        target_label=_one_line(target)[:254],
        changes=json.loads(json.dumps(changes or {}, default=str)),  # as it will be read back
        request_id=here.request_id,
        address=here.address,
    )
    chain.append(line)


def _one_line(target: Any) -> str:
    return "".join(letter if letter.isprintable() else " " for letter in str(target))
