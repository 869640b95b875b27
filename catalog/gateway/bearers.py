"""Who calls: bearer tokens, kept in this process while their app's credential epoch stands."""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from apps import bearer
from apps.bearer import Bearer
from apps.secrets import is_well_formed
from catalog.gateway import gate, keys
from catalog.gateway.refusal import Refusal
from portal.database import with_live_connection
from portal.tenancy.models import Tenant
from portal.wire import Request

MOST_KEPT = 20_000
CHALLENGE = 'Bearer realm="portal"'


@dataclass(frozen=True, slots=True)
class Caller:
    bearer: Bearer
    zone: ZoneInfo


_kept: dict[bytes, Caller] = {}


def token_of(request: Request, schemes: dict[str, Any]) -> str:
    """The token in the Authorization header, or where the document asks for a key. Raises Refusal 401."""
    given = request.header("Authorization")
    if (given is None or given[:6].lower() == "basic ") and (found := keys.token_in(request, schemes)):
        return found
    if given is None:
        raise Refusal(
            401,
            "missingToken",
            "Send an access token: Authorization: Bearer …. Get one from /oauth2/token.",
            [("WWW-Authenticate", CHALLENGE)],
        )
    scheme, _, token = given.partition(" ")
    if scheme.lower() != "bearer":
        raise invalid_token()
    return token


def invalid_token() -> Refusal:
    return Refusal(
        401,
        "invalidToken",
        "The access token is unknown, expired or ended. Get a new one from /oauth2/token.",
        [("WWW-Authenticate", CHALLENGE + ', error="invalid_token"')],
    )


def find(token: str) -> Caller:
    """As this process knows it; `confirm` must follow. Raises Refusal 401."""
    digest = hashlib.sha256(token.encode()).digest()
    kept = _kept.get(digest)
    return kept if kept and kept.bearer.expires > time.time() else _read(token, digest)


def confirm(token: str, caller: Caller, epoch: int | None) -> Caller:
    """The caller as of now: `epoch` is the newest one known to Valkey, None to ask the database."""
    if epoch is None:
        asked = time.monotonic()
        newest = with_live_connection(lambda: bearer.epoch_of(caller.bearer.app_id))
        # A process that was stopped in between may hold a number older than the lease it would write.
        if newest is not None and time.monotonic() - asked < 1:
            gate.lease(f"app:{caller.bearer.app_id}", newest)
        epoch = newest if newest is not None else -1
    if epoch == caller.bearer.epoch:
        return caller
    return _read(token, hashlib.sha256(token.encode()).digest())


def _read(token: str, digest: bytes) -> Caller:
    _kept.pop(digest, None)
    if not is_well_formed(token, "token"):
        raise invalid_token()
    found = with_live_connection(lambda: bearer.find(token))
    if found is None:
        raise invalid_token()
    zone = Tenant.objects.values_list("time_zone", flat=True).get(pk=found.tenant_id)
    caller = Caller(found, ZoneInfo(zone))
    if len(_kept) >= MOST_KEPT:
        _kept.clear()
    _kept[digest] = caller
    return caller


def forget() -> None:
    """Drops every token kept; for tests."""
    _kept.clear()
