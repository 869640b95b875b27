"""Where a document that knows no bearer tokens wants its key: there, an app's token is taken in its place.

So an API that asks for an X-API-Key, a session cookie or Basic sign-in can be tried in the sandbox in its own
way, with a credential that the portal issued and can end.
"""

from __future__ import annotations

import base64
import binascii
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import parse_qs

from apps.secrets import is_well_formed
from portal.wire import Request


def token_in(request: Request, schemes: dict[str, Any]) -> str | None:
    """The first value in a place of `schemes` (a document's securitySchemes) that we can have issued."""
    for scheme in schemes.values():
        found = _value(request, scheme)
        if found and is_well_formed(found, "token"):
            return found
    return None


def _value(request: Request, scheme: dict[str, Any]) -> str | None:
    if scheme.get("type") == "http" and str(scheme.get("scheme", "")).lower() == "basic":
        return _password(request.header("Authorization") or "")
    if scheme.get("type") != "apiKey":
        return None
    name, place = str(scheme.get("name", "")), scheme.get("in")
    if place == "header":
        return request.header(name)
    if place == "query":
        return next(iter(parse_qs(request.query_string).get(name, [])), None)
    return _cookie(request.header("Cookie") or "", name) if place == "cookie" else None


def _password(authorization: str) -> str | None:
    try:
        text = base64.b64decode(authorization[6:].strip(), validate=True).decode()
    except (binascii.Error, ValueError):
        return None
    return text.partition(":")[2]


def _cookie(header: str, name: str) -> str | None:
    try:
        found = SimpleCookie(header).get(name)
    except CookieError:
        return None
    return found.value if found else None
