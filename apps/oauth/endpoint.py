"""The OAuth addresses as one WSGI callable: token, revoke, introspect, metadata, and nothing else."""

# mypy: allow-untyped-calls
from __future__ import annotations

import logging
from collections.abc import Callable
from functools import cache

from django.conf import settings
from django.db import InterfaceError, OperationalError
from oauthlib.oauth2.rfc6749.endpoints.introspect import IntrospectEndpoint
from oauthlib.oauth2.rfc6749.endpoints.revocation import RevocationEndpoint
from oauthlib.oauth2.rfc6749.endpoints.token import TokenEndpoint
from oauthlib.oauth2.rfc6749.errors import InvalidRequestError, OAuth2Error, TemporarilyUnavailableError
from oauthlib.oauth2.rfc6749.grant_types.client_credentials import ClientCredentialsGrant
from oauthlib.oauth2.rfc6749.tokens import BearerToken

from apps.oauth import metadata
from apps.oauth.credentials import read_form
from apps.oauth.validator import Validator
from apps.secrets import make
from portal import wire
from portal.database import with_live_connection

log = logging.getLogger(__name__)

Answer = tuple[dict[str, str], str, int]  # headers, body, status: what oauthlib gives
EVERY_ANSWER = {"Content-Type": "application/json", "Cache-Control": "no-store", "Pragma": "no-cache"}
# Others mean something to oauthlib's request object, and are to be ignored (RFC 6749 section 3.2).
KNOWN = ("grant_type", "scope", "client_id", "client_secret", "token", "token_type_hint")


@cache
def endpoints() -> dict[str, Callable[..., Answer]]:
    validator = Validator()
    bearer = BearerToken(
        validator,
        token_generator=lambda request: make("token"),
        expires_in=settings.OAUTH2_PROVIDER["ACCESS_TOKEN_EXPIRE_SECONDS"],
    )
    grant = ClientCredentialsGrant(validator)
    return {
        metadata.TOKEN: TokenEndpoint(
            "client_credentials", bearer, {"client_credentials": grant}
        ).create_token_response,
        metadata.REVOKE: RevocationEndpoint(validator).create_revocation_response,
        metadata.INTROSPECT: IntrospectEndpoint(validator).create_introspect_response,
    }


def handle(request: wire.Request) -> wire.Reply:
    is_metadata = request.path == metadata.METADATA
    if not is_metadata and request.path not in endpoints():
        raise wire.Problem(404, "Not found", "There is no such OAuth address here.")
    methods = ("GET", "HEAD", "OPTIONS") if is_metadata else ("POST", "OPTIONS")
    allow = ("Allow", ", ".join(methods))
    if request.method == "OPTIONS":
        return wire.Reply(204, b"", [allow])
    if request.method not in methods:
        return refusal(InvalidRequestError(f"Use one of: {allow[1]}.", status_code=405), allow)
    try:
        return with_live_connection(lambda: discover() if is_metadata else answer(request))
    except (OperationalError, InterfaceError) as error:
        log.error("oauth_database_away kind=%s request_id=%s", type(error).__name__, request.request_id)
        away = TemporarilyUnavailableError("The service cannot answer now. Try again.", status_code=503)
        return refusal(away, ("Retry-After", "5"))


def discover() -> wire.Reply:
    return wire.json_reply(metadata.document(), headers=[("Cache-Control", "max-age=300")])


def answer(request: wire.Request) -> wire.Reply:
    try:
        form = read_form(request)
        given = request.header("Authorization")
        headers, body, status = endpoints()[request.path](
            request.path,
            "POST",
            {name: form[name] for name in KNOWN if name in form},
            {} if given is None else {"Authorization": given},
        )
    except OAuth2Error as error:
        return refusal(error)
    return reply(status, body, [pair for pair in headers.items() if pair[0] not in EVERY_ANSWER])


def refusal(error: OAuth2Error, *headers: tuple[str, str]) -> wire.Reply:
    return reply(error.status_code, error.json, [*error.headers.items(), *headers])


def reply(status: int, body: str, headers: list[tuple[str, str]]) -> wire.Reply:
    return wire.Reply(status, body.encode(), [*EVERY_ANSWER.items(), *headers])


application = wire.application(handle)
