"""Who holds a token: what the gateway asks before it lets a call in."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils import timezone
from oauth2_provider.models import AccessToken

from apps import tokens
from apps.models import App
from apps.secrets import is_well_formed


@dataclass(frozen=True, slots=True)
class Bearer:
    """A token's app and what it may do.

    May be cached until `expires` (epoch seconds), for as long as `epoch_of(app_id)` is still `epoch`.
    """

    app_id: int
    tenant_id: int
    scopes: frozenset[str]
    expires: float
    epoch: int
    rate_limit: int | None


def find(token: str) -> Bearer | None:
    """None for a token that is malformed, unknown or expired, or whose app or tenant is out of use."""
    if not is_well_formed(token, "token"):
        return None
    row = (
        AccessToken.objects.filter(
            token_checksum=tokens.checksum(token),
            expires__gt=timezone.now(),
            application__deleted_at=None,
            application__tenant__is_active=True,
        )
        .values_list(
            "application_id",
            "application__tenant_id",
            "scope",
            "expires",
            "application__credential_epoch",
            "application__revocations",
            "application__rate_limit",
        )
        .first()
    )
    if row is None:
        return None
    app_id, tenant_id, scope, expires, pairs, revocations, rate_limit = row
    return Bearer(
        app_id, tenant_id, frozenset(scope.split()), expires.timestamp(), pairs + revocations, rate_limit
    )


def epoch_of(app_id: int) -> int | None:
    """The newest epoch of the app's tokens; None when the app or its tenant is out of use."""
    counts = (
        App.objects.living()
        .filter(pk=app_id, tenant__is_active=True)
        .values_list("credential_epoch", "revocations")
        .first()
    )
    return sum(counts) if counts else None
