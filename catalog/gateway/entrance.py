"""How a document lets its callers in: what an operation asks to be shown, and where a call shows it.

A bearer token is always taken. `securitySchemes` adds HTTP Basic (an app's client id and secret) and API keys
in a header, a cookie or the query, whose value is a session or a token of ours; a token may also stand as
the password of Basic. What a browser holds of the portal itself is never looked at.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs

from django.conf import settings

from apps.secrets import is_well_formed
from catalog.gateway.refusal import Refusal
from portal.wire import Request

BEARER = 'Bearer realm="portal"'
BASIC = 'Basic realm="portal", charset="UTF-8"'


@dataclass(frozen=True, slots=True)
class Shown:
    """A credential as it came, not yet believed. `text` is a token or a session; Basic's still encoded."""

    text: str
    is_basic: bool = False


@dataclass(frozen=True, slots=True)
class Entrance:
    """`is_open`: the operation itself says that it needs nothing (security: [], or {} among its choices)."""

    is_open: bool
    takes_basic: bool
    keys: tuple[tuple[str, str], ...]  # (header, cookie or query, name)


def entrance(operation: Mapping[str, Any], schemes: Mapping[str, Any]) -> Entrance:
    security = operation.get("security")
    named = {name for choice in security or [] for name in choice}
    asked = [scheme for name, scheme in schemes.items() if name in named and isinstance(scheme, dict)]
    ours = {settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME}
    return Entrance(
        is_open=security is not None and (not security or {} in security),
        takes_basic=any(
            one.get("type") == "http" and str(one.get("scheme")).lower() == "basic" for one in asked
        ),
        keys=tuple(
            (str(one["in"]), str(one["name"]))
            for one in asked
            if one.get("type") == "apiKey"
            and one.get("in") in ("header", "cookie", "query")
            and one["name"] not in ours
        ),
    )


ANY = Entrance(is_open=False, takes_basic=False, keys=())


def shown(request: Request, entrance: Entrance) -> Shown | None:
    """The first credential the call shows, in the order: Bearer, Basic, keys. None: it shows none."""
    given = request.header("Authorization")
    if given is not None:
        scheme, _, text = given.partition(" ")
        if scheme.lower() == "bearer":
            return Shown(text)
        if entrance.takes_basic and scheme.lower() == "basic":
            return _basic(text)
    for place, name in entrance.keys:
        if value := _value(request, place, name):
            return Shown(value)
    return None if given is None else Shown("")


def _basic(text: str) -> Shown:
    """A token in the place of the password says it all; whatever name stands before it."""
    try:
        password = base64.b64decode(text.strip(), validate=True).decode().partition(":")[2]
    except (binascii.Error, ValueError):
        password = ""
    return Shown(password) if is_well_formed(password, "token") else Shown(text, is_basic=True)


def _value(request: Request, place: str, name: str) -> str | None:
    if place == "header":
        return request.header(name)
    if place == "query":
        return next(iter(parse_qs(request.query_string).get(name, [])), None)
    return cookies(request).get(name)


def cookies(request: Request) -> dict[str, str]:
    pairs = (piece.split("=", 1) for piece in (request.header("Cookie") or "").split(";") if "=" in piece)
    return {name.strip(): value.strip().strip('"') for name, value in pairs}


def missing() -> Refusal:
    return Refusal(
        401,
        "missingToken",
        "Send an access token: Authorization: Bearer …. Get one from /oauth2/token.",
        [("WWW-Authenticate", BEARER)],
    )


def invalid() -> Refusal:
    return Refusal(
        401,
        "invalidToken",
        "The access token is unknown, expired or ended. Get a new one from /oauth2/token.",
        [("WWW-Authenticate", BEARER + ', error="invalid_token"')],
    )
