"""How the portal signs in to an upstream."""

from __future__ import annotations

import base64
import threading
import time
from urllib.parse import quote, urlencode

import orjson

from catalog.access.models import Upstream
from portal import fetch

EARLY = 30.0  # seconds before its end that a token is given up
LEAST_LIFE = 5.0

_tokens: dict[tuple[int, int], tuple[float, str]] = {}
_one_at_a_time = threading.Lock()


class SignInFailed(Exception):
    """The upstream's token endpoint gave no token; the message says so in words for an admin."""


def credentials(upstream: Upstream) -> dict[str, str]:
    """The header that signs in. Raises SignInFailed, fetch.FetchError."""
    if upstream.sign_in == Upstream.SignIn.HEADER:
        return {upstream.header: upstream.secret}
    if upstream.sign_in == Upstream.SignIn.OAUTH:
        return {"Authorization": f"Bearer {_token(upstream)}"}
    return {}


def drop(upstream: Upstream) -> bool:
    """Gives a token up that the upstream no longer takes; False when there was none."""
    return _tokens.pop((upstream.pk, upstream.version), None) is not None


def _token(upstream: Upstream) -> str:
    key = (upstream.pk, upstream.version)
    with _one_at_a_time:
        until, token = _tokens.get(key, (0.0, ""))
        if until <= time.monotonic():
            token, life = _asked(upstream)
            _tokens[key] = (time.monotonic() + max(LEAST_LIFE, life - EARLY), token)
        return token


def _asked(upstream: Upstream) -> tuple[str, float]:
    """RFC 6749 section 4.4, the client authenticated as in section 2.3.1."""
    pair = f"{quote(upstream.client_id, safe='')}:{quote(upstream.secret, safe='')}"
    form = {"grant_type": "client_credentials"} | ({"scope": upstream.scope} if upstream.scope else {})
    answer = fetch.fetch(
        upstream.token_address,
        method="POST",
        headers={
            "Authorization": f"Basic {base64.b64encode(pair.encode()).decode()}",
            "Content-Type": "application/x-www-form-urlencoded",
            "Accept": "application/json",
        },
        body=urlencode(form).encode(),
    )
    try:
        said = orjson.loads(answer.body)
        token, life = str(said["access_token"]), float(said.get("expires_in") or 300)
    except (ValueError, TypeError, KeyError):
        raise SignInFailed(f"The token endpoint of the live address answered {answer.status}.") from None
    if not token.isascii() or not token.isprintable():
        raise SignInFailed("The token endpoint of the live address answered with no usable token.")
    return token, life
