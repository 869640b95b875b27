"""Reading what a client sends: its form, and the one pair of credentials in header or form."""

# mypy: allow-untyped-calls
from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, unquote_plus

from oauthlib.oauth2.rfc6749.errors import InvalidRequestError

from apps.oauth.errors import ClientRefused
from portal.wire import Problem, Request

FORM = "application/x-www-form-urlencoded"
LARGEST = 16 * 1024  # bytes
MOST_FIELDS = 50

_broken_escape = re.compile(r"%(?![0-9A-Fa-f]{2})").search


@dataclass(frozen=True, slots=True)
class Credentials:
    client_id: str
    secret: str = field(repr=False)


def read_form(request: Request) -> dict[str, str]:
    """The body's parameters. Raises InvalidRequestError for all that is not one clean form (RFC 6749 B)."""
    if request.query_string:
        raise InvalidRequestError("Send parameters in the body, never in the address.")
    media, _, parameters = (request.header("Content-Type") or "").partition(";")
    charset = parameters.replace(" ", "").replace('"', "").lower()
    if media.strip().lower() != FORM or charset not in ("", "charset=utf-8", "charset=us-ascii"):
        raise InvalidRequestError(f"Send the body as {FORM} in UTF-8.")
    try:
        body = request.body(LARGEST)
    except Problem as problem:
        raise InvalidRequestError(problem.detail, status_code=problem.status) from None
    return parse_form(body)


def parse_form(body: bytes) -> dict[str, str]:
    """Parameters without a value count as not sent (RFC 6749 section 3.2)."""
    try:
        text = body.decode("ascii")
        if _broken_escape(text):
            raise ValueError
        pairs = parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=MOST_FIELDS)
    except ValueError:
        raise InvalidRequestError("The body cannot be read as a form.") from None
    if any("\0" in name or "\0" in value for name, value in pairs):
        raise InvalidRequestError("The body holds a NUL character.")
    if len({name for name, _ in pairs}) < len(pairs):
        raise InvalidRequestError("A parameter is sent more than once.")
    return {name: value for name, value in pairs if value}


def read_credentials(authorization: str | None, form: dict[str, str]) -> Credentials:
    """Raises ClientRefused (none, unreadable), InvalidRequestError (two methods at once: section 2.3)."""
    if authorization is None:
        if "client_id" not in form or "client_secret" not in form:
            raise ClientRefused("Client authentication is missing.")
        return Credentials(form["client_id"], form["client_secret"])
    found = parse_basic(authorization)
    if "client_secret" in form:
        raise InvalidRequestError("Send the secret in the Authorization header or in the body, not in both.")
    if form.get("client_id", found.client_id) != found.client_id:
        raise InvalidRequestError("The header and the body name different clients.")
    return found


def parse_basic(authorization: str) -> Credentials:
    """RFC 7617, with id and secret form-encoded inside (RFC 6749 section 2.3.1)."""
    scheme, _, encoded = authorization.partition(" ")
    if scheme.lower() != "basic":
        raise ClientRefused("Authenticate with HTTP Basic or in the body.")
    try:
        text = base64.b64decode(encoded.strip(), validate=True).decode()
        client_id, colon, secret = text.partition(":")
        if not colon or _broken_escape(text):
            raise ValueError
        return Credentials(unquote_plus(client_id, errors="strict"), unquote_plus(secret, errors="strict"))
    except (binascii.Error, ValueError):
        raise ClientRefused("The Authorization header cannot be read.") from None
