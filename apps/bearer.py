"""Who calls: what the gateway asks before it lets a token, a session or a client with its secret in."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils import timezone
from oauth2_provider.models import AccessToken

from apps import api_sessions, tokens
from apps.errors import WrongCredentials
from apps.models import App
from apps.secrets import is_well_formed
from apps.sign_in import authenticate

CLIENT_KEPT = 60.0  # seconds; what an app may do can change without its credentials
_OF_APP = ("public_id", "client_id", "tenant_id", "credential_epoch", "revocations", "rate_limit")


@dataclass(frozen=True, slots=True)
class Bearer:
    """An app and what it may do with what it has shown.

    May be cached until `expires` (epoch seconds), for as long as `epoch_of(app_id)` is still `epoch`.
    """

    app_id: int
    tenant_id: int
    scopes: frozenset[str]
    expires: float
    epoch: int
    rate_limit: int | None
    public_id: str = ""
    client_id: str = ""
    tenant: str = ""  # its slug
    api: str = ""  # the only one it opens; empty: any


def find(shown: str) -> Bearer | None:
    """By token or session. None: malformed, unknown or over, or the app or its tenant is out of use."""
    if is_well_formed(shown, "token"):
        return _by_token(shown)
    return _by_session(shown) if is_well_formed(shown, "session") else None


def _by_token(token: str) -> Bearer | None:
    row = (
        AccessToken.objects.filter(
            token_checksum=tokens.checksum(token),
            expires__gt=timezone.now(),
            application__deleted_at=None,
            application__tenant__is_active=True,
        )
        .values("scope", "expires", "application_id", *_columns("application"))
        .first()
    )
    return _bearer(row, "application", row["expires"].timestamp()) if row else None


def _by_session(session: str) -> Bearer | None:
    found = api_sessions.find(session, "scope", "api", "app_id", *_columns("app"))
    return _bearer(found.row, "app", time.time() + found.seconds) if found else None


def find_client(client_id: str, secret: str) -> Bearer:
    """By the app's own credentials. Raises WrongCredentials."""
    client = authenticate(client_id=client_id, secret=secret)
    app = App.objects.filter(pk=client.app_id, credential_epoch=client.epoch)
    row = app.values("pk", *_OF_APP, "tenant__slug").first()
    if row is None:  # replaced since the secret was checked
        raise WrongCredentials
    given = {f"app__{name}": value for name, value in row.items()}
    given |= {"scope": " ".join(client.scopes), "app_id": row["pk"]}
    return _bearer(given, "app", time.time() + CLIENT_KEPT)


def _columns(app: str) -> list[str]:
    return [f"{app}__{name}" for name in (*_OF_APP, "tenant__slug")]


def _bearer(row: Mapping[str, Any], app: str, expires: float) -> Bearer:
    return Bearer(
        app_id=row[f"{app}_id"],
        tenant_id=row[f"{app}__tenant_id"],
        scopes=frozenset(row["scope"].split()),
        expires=expires,
        epoch=row[f"{app}__credential_epoch"] + row[f"{app}__revocations"],
        rate_limit=row[f"{app}__rate_limit"],
        public_id=row[f"{app}__public_id"],
        client_id=row[f"{app}__client_id"],
        tenant=row[f"{app}__tenant__slug"],
        api=row.get("api", ""),
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
