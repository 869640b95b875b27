"""Signing in and out the way an API of its own does, declared in its document.

An operation's `x-sandbox.signIn` says where the client's id and secret stand (first place that is filled),
and what they are exchanged for; the handler finds it in `call.signed_in`:

client   places such as body.client_id or query.userId
secret   likewise
realm    a place whose value has to be the slug of the app's tenant
gives    token (an access token like any other) or session (opens only this API)
seconds  how long a token lives, or a session without a call

Where nothing is filled in, a caller who is known already goes through to the handler. With `signOut: true`
the session or token that was shown ends once the handler has answered.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from apps import services, sign_in
from apps.errors import WrongCredentials
from apps.oauth.clients import Client
from apps.secrets import is_well_formed
from catalog.errors import CatalogError
from catalog.gateway import bearers
from catalog.gateway.entrance import BEARER, Shown
from catalog.gateway.refusal import Refusal
from catalog.sandbox.call import Call, SignedIn
from catalog.sandbox.filters import asked
from portal.database import with_live_connection

Path = list[str]


@dataclass(frozen=True, slots=True)
class SignIn:
    client: list[Path]
    secret: list[Path]
    realm: Path | None
    gives: Literal["token", "session"]
    seconds: int


def compile_sign_in(declared: dict[str, Any] | None) -> SignIn | None:
    """Raises CatalogError for a declaration that says too little."""
    if declared is None:
        return None
    if declared.get("gives") not in ("token", "session") or not {"client", "secret"} <= declared.keys():
        raise CatalogError("x-sandbox.signIn names client, secret, and what it gives: token or session.")
    realm = declared.get("realm")
    return SignIn(
        client=_paths(declared["client"]),
        secret=_paths(declared["secret"]),
        realm=str(realm).split(".") if realm else None,
        gives=declared["gives"],
        seconds=int(declared.get("seconds", 3600)),
    )


def _paths(declared: Any) -> list[Path]:
    return [str(one).split(".") for one in (declared if isinstance(declared, list) else [declared])]


def signed_in(declared: SignIn, call: Call, *, api: str, scopes: frozenset[str]) -> SignedIn | None:
    """What the credentials in the call were exchanged for; None when there are none. Raises Refusal."""
    client_id, secret = _first(call, declared.client), _first(call, declared.secret)
    if client_id is None and secret is None:
        return None
    realm = declared.realm and asked(call, declared.realm)
    try:
        return with_live_connection(
            lambda: _exchange(declared, client_id or "", secret or "", realm, api, scopes)
        )
    except WrongCredentials as wrong:
        if wrong.wait:
            raise bearers.slow_down(wrong.wait) from None
        message = "The client is unknown, or its secret is wrong."
        raise Refusal(401, "invalidClient", message, [("WWW-Authenticate", BEARER)]) from None


def _exchange(
    declared: SignIn, client_id: str, secret: str, realm: Any, api: str, scopes: frozenset[str]
) -> SignedIn:
    client = sign_in.authenticate(client_id=client_id, secret=secret)
    if declared.realm and realm != client.tenant:
        raise WrongCredentials  # the same words, so that nobody learns which realms there are
    scope = " ".join(sorted(client.scopes & scopes))
    return SignedIn(_issued(declared, client, api, scope), declared.seconds, scope, is_new=True)


def _issued(declared: SignIn, client: Client, api: str, scope: str) -> str:
    if declared.gives == "token":
        return sign_in.issue_token(client=client, scope=scope, seconds=declared.seconds)
    return sign_in.issue_session(client=client, api=api, scope=scope, idle=declared.seconds)


def _first(call: Call, paths: Sequence[Path]) -> str | None:
    found = (asked(call, path) for path in paths)
    return next((value for value in found if isinstance(value, str) and value), None)


def sign_out(shown: Shown, app_id: int) -> None:
    """Ends what was shown. An app's own secret stays."""
    if is_well_formed(shown.text, "session"):
        services.end_session(app_id=app_id, session=shown.text)
    elif is_well_formed(shown.text, "token"):
        services.revoke_token(app_id=app_id, token=shown.text)
