"""OpenID Connect: the code flow with PKCE, state and nonce; every answer is checked here, none is believed.

Own code over portal.fetch and jwcrypto rather than a client library: those at hand check no nonce or no
signature, follow redirects, and know no limits on time, size and addresses.
"""

from __future__ import annotations

import base64
import hashlib
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from portal.fetch import Answer, FetchError, Refused, target
from portal.tenancy.federation import away, id_token
from portal.tenancy.federation.identity import AnswerRefused, Identity, ProviderAway, plain_address, short
from portal.tenancy.federation.keep import keep, kept, parsed_object

WELL_KNOWN = "/.well-known/openid-configuration"
DISCOVERY_LIFE = 600  # seconds
KEYS_LIFE = 3600
TOTAL = 5.5  # seconds for everything one page view asks of the provider
LIMIT = 256_000  # bytes of an answer


@dataclass(frozen=True, slots=True)
class Settings:
    discovery: str
    client_id: str
    client_secret: str


@dataclass(frozen=True, slots=True)
class Provider:
    """What the discovery document says."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str
    posts_secret: bool  # client_secret_post is the only way it knows
    names_itself: bool  # its answers carry `iss` (RFC 9207)


class Talk:
    """All requests of one page view, under one deadline."""

    def __init__(self) -> None:
        self.end = time.monotonic() + TOTAL

    def ask(self, url: str, **more: Any) -> Answer:
        left = self.end - time.monotonic()
        if left <= 0:
            raise ProviderAway(away.TEXT, "no time left")
        return away.ask(url, limit=LIMIT, total=left, **more)


def discover(url: str, talk: Talk, *, fresh: bool = False) -> Provider:
    """Reads a provider's description. Raises ProviderAway, AnswerRefused, or Refused for a bad address."""
    key = "discovery:" + hashlib.sha256(url.encode()).hexdigest()
    document = None if fresh else kept(key)
    if not isinstance(document, dict):
        answer = talk.ask(url)
        if answer.status != 200:
            raise ProviderAway(away.TEXT, f"discovery answered {answer.status}")
        document = parsed_object(answer.body)
        _provider(url, document)  # only a good one is kept
        keep(key, document, DISCOVERY_LIFE)
    return _provider(url, document)


def _provider(url: str, document: dict[str, Any]) -> Provider:
    issuer = document.get("issuer")
    if not isinstance(issuer, str) or issuer.rstrip("/") + WELL_KNOWN != url or len(issuer) > 512:
        raise AnswerRefused("the discovery document names another issuer")
    names = ("authorization_endpoint", "token_endpoint", "jwks_uri")
    if not all(isinstance(document.get(name), str) for name in names):
        raise AnswerRefused("the discovery document lacks an endpoint")
    userinfo = document.get("userinfo_endpoint")
    for address in (*(document[name] for name in names), userinfo or url):
        try:
            target(str(address))
        except Refused:
            raise AnswerRefused("the discovery document names an address that is not https") from None
    ways = document.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
    return Provider(
        issuer=issuer,
        authorization_endpoint=document["authorization_endpoint"],
        token_endpoint=document["token_endpoint"],
        jwks_uri=document["jwks_uri"],
        userinfo_endpoint=userinfo if isinstance(userinfo, str) else "",
        posts_secret="client_secret_basic" not in ways,
        names_itself=document.get("authorization_response_iss_parameter_supported") is True,
    )


def authorization_url(provider: Provider, settings: Settings, *, callback: str, flow: dict[str, Any]) -> str:
    """Where the browser goes; `flow` is what the session keeps of it: state, nonce, verifier."""
    challenge = hashlib.sha256(flow["verifier"].encode()).digest()
    query = {
        "response_type": "code",
        "client_id": settings.client_id,
        "redirect_uri": callback,
        "scope": "openid email profile",
        "state": flow["state"],
        "nonce": flow["nonce"],
        "code_challenge": base64.urlsafe_b64encode(challenge).decode().rstrip("="),
        "code_challenge_method": "S256",
    }
    glue = "&" if "?" in provider.authorization_endpoint else "?"
    return provider.authorization_endpoint + glue + urlencode(query, quote_via=quote)


def identity(
    provider: Provider, settings: Settings, *, code: str, callback: str, flow: dict[str, Any], talk: Talk
) -> Identity:
    """Trades a code for a checked identity. Raises ProviderAway or AnswerRefused."""
    tokens = _exchange(provider, settings, code, callback, flow["verifier"], talk)
    raw = tokens.get("id_token")
    if not isinstance(raw, str):
        raise AnswerRefused("the token answer has no id_token")
    claims = id_token.checked(
        raw,
        keys=lambda kid: signing_keys(provider, kid, talk),
        issuer=provider.issuer,
        audience=settings.client_id,
        nonce=flow["nonce"],
    )
    if "email" not in claims and provider.userinfo_endpoint:
        vouched = {name: value for name, value in claims.items() if name != "email_verified"}
        claims = _userinfo(provider, tokens, claims, talk) | vouched
    return Identity(
        issuer=provider.issuer,
        subject=claims["sub"],
        email=plain_address(claims.get("email")),
        is_verified=claims.get("email_verified") is True,
        first_name=short(claims.get("given_name")) or short(claims.get("name")),
        last_name=short(claims.get("family_name")),
        claims=claims,
    )


def _exchange(
    provider: Provider, settings: Settings, code: str, callback: str, verifier: str, talk: Talk
) -> dict[str, Any]:
    fields = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": callback,
        "code_verifier": verifier,
    }
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
    if provider.posts_secret:
        fields |= {"client_id": settings.client_id, "client_secret": settings.client_secret}
    else:
        # RFC 6749 2.3.1: both halves are form-encoded first.
        pair = f"{quote(settings.client_id, safe='')}:{quote(settings.client_secret, safe='')}"
        headers["Authorization"] = "Basic " + base64.b64encode(pair.encode()).decode()
    answer = talk.ask(
        provider.token_endpoint, method="POST", headers=headers, body=urlencode(fields).encode()
    )
    if answer.status != 200:
        raise AnswerRefused(f"the token endpoint answered {answer.status}")
    return parsed_object(answer.body)


def _userinfo(
    provider: Provider, tokens: dict[str, Any], claims: dict[str, Any], talk: Talk
) -> dict[str, Any]:
    """More about the same person, when the id_token has no address."""
    token = tokens.get("access_token")
    if not isinstance(token, str) or not token.isascii() or not token.isprintable():
        return {}
    answer = talk.ask(provider.userinfo_endpoint, headers={"Authorization": f"Bearer {token}"})
    if answer.status != 200 or "json" not in answer.headers.get("content-type", ""):
        return {}
    found = parsed_object(answer.body)
    if found.get("sub") != claims["sub"]:
        raise AnswerRefused("userinfo tells of another person")
    return found


def signing_keys(provider: Provider, kid: str | None, talk: Talk) -> list[dict[str, Any]]:
    """The provider's keys; read again for an unknown `kid`, at most once a minute."""
    key = "keys:" + hashlib.sha256(provider.jwks_uri.encode()).hexdigest()
    known = kept(key)
    if isinstance(known, list) and (kid is None or any(one.get("kid") == kid for one in known)):
        return known
    if isinstance(known, list) and not keep(f"{key}:asked", 1, 60, only_new=True):
        return known
    try:
        answer = talk.ask(provider.jwks_uri)
    except FetchError as error:
        raise ProviderAway(away.TEXT, str(error)) from None
    found = parsed_object(answer.body).get("keys") if answer.status == 200 else None
    if not isinstance(found, list):
        raise ProviderAway(away.TEXT, "the keys could not be read")
    fresh = [one for one in found if isinstance(one, dict)][:50]
    keep(key, fresh, KEYS_LIFE)
    return fresh
