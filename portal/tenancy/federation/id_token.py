"""Checking an id_token: OpenID Connect Core 3.1.3.7, with the signature always verified."""

from __future__ import annotations

import base64
import binascii
import hmac
import math
import time
from collections.abc import Callable
from typing import Any

from jwcrypto import jwk, jws
from jwcrypto.common import JWException

from portal.tenancy.federation.identity import AnswerRefused
from portal.tenancy.federation.keep import parsed_object

KEY_TYPES = {"RS256": ("RSA", ""), "ES256": ("EC", "P-256")}  # never none, never a shared secret
SKEW = 60  # seconds
OLDEST = 600  # an id_token of this flow was made for it a moment ago
LONGEST = 16_000
LEAST_RSA_BITS = 2048


def checked(
    raw: str,
    *,
    keys: Callable[[str | None], list[dict[str, Any]]],
    issuer: str,
    audience: str,
    nonce: str,
) -> dict[str, Any]:
    """The claims of a token that is genuine, for us, fresh, and an answer to this very flow."""
    header, claims = _split(raw)
    alg, kid = header.get("alg"), header.get("kid")
    if not isinstance(alg, str) or alg not in KEY_TYPES:
        raise AnswerRefused("the id_token is not signed with RS256 or ES256")
    if any(name in header for name in ("crit", "jku", "jwk", "x5u", "x5c", "b64", "zip", "enc")):
        raise AnswerRefused("the id_token brings its own key or options")
    if kid is not None and (not isinstance(kid, str) or not 0 < len(kid) <= 200):
        raise AnswerRefused("the id_token names its key strangely")
    _verify(raw, alg, _suitable(keys(kid), alg, kid))
    _check_claims(claims, issuer, audience, nonce)
    return claims


def _split(raw: str) -> tuple[dict[str, Any], dict[str, Any]]:
    parts = raw.split(".")
    if len(raw) > LONGEST or len(parts) != 3 or not all(parts):
        raise AnswerRefused("the id_token is not a signed token in three parts")
    return parsed_object(_decoded(parts[0])), parsed_object(_decoded(parts[1]))


def _decoded(part: str) -> bytes:
    try:
        if not part.isascii():
            raise ValueError
        return base64.b64decode(part + "=" * (-len(part) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise AnswerRefused("the id_token is not base64url") from None


def _suitable(keys: list[dict[str, Any]], alg: str, kid: str | None) -> jwk.JWK:
    """The one key that this token may be signed with."""
    kind, curve = KEY_TYPES[alg]
    fitting = [
        key
        for key in keys
        if key.get("kty") == kind
        and (not curve or key.get("crv") == curve)
        and key.get("use", "sig") == "sig"
        and key.get("alg", alg) == alg
        and (kid is None or key.get("kid") == kid)
    ]
    if len(fitting) != 1:
        raise AnswerRefused(f"{len(fitting)} keys of the provider fit the id_token")
    public = {name: value for name, value in fitting[0].items() if name in ("kty", "n", "e", "crv", "x", "y")}
    try:
        key = jwk.JWK(**public)
        if kind == "RSA" and key.get_op_key("verify").key_size < LEAST_RSA_BITS:
            raise AnswerRefused("the provider's key is too short")
    except (JWException, ValueError, TypeError):
        raise AnswerRefused("the provider's key cannot be read") from None
    return key


def _verify(raw: str, alg: str, key: jwk.JWK) -> None:
    token = jws.JWS()
    token.allowed_algs = [alg]
    try:
        token.deserialize(raw)
        token.verify(key)
    except (JWException, ValueError, TypeError):
        raise AnswerRefused("the id_token's signature is wrong") from None


def _check_claims(claims: dict[str, Any], issuer: str, audience: str, nonce: str) -> None:
    if claims.get("iss") != issuer:
        raise AnswerRefused("the id_token is of another issuer")
    _check_audience(claims, audience)
    now = time.time()
    made, ends = _moment(claims, "iat"), _moment(claims, "exp")
    starts = _moment(claims, "nbf") if "nbf" in claims else made
    if ends <= now - SKEW or made > now + SKEW or starts > now + SKEW or made < now - OLDEST - SKEW:
        raise AnswerRefused("the id_token is out of date")
    given = claims.get("nonce")
    if not isinstance(given, str) or not hmac.compare_digest(given.encode(), nonce.encode()):
        raise AnswerRefused("the id_token does not answer this sign-in")
    subject = claims.get("sub")
    if not isinstance(subject, str) or not 0 < len(subject) <= 255 or "\0" in subject:
        raise AnswerRefused("the id_token names nobody")


def _check_audience(claims: dict[str, Any], audience: str) -> None:
    given = claims.get("aud")
    listed = [given] if isinstance(given, str) else given
    if not isinstance(listed, list) or audience not in listed:
        raise AnswerRefused("the id_token is for somebody else")
    party = claims.get("azp")
    if (len(listed) > 1 or party is not None) and party != audience:
        raise AnswerRefused("the id_token was made for another client")


def _moment(claims: dict[str, Any], name: str) -> float:
    value = claims.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise AnswerRefused(f"the id_token has no {name}")
    return float(value)
