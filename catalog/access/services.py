"""Changing live addresses and origins."""

from __future__ import annotations

import time
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from django.db import transaction

from catalog.access.models import AllowedOrigin, Upstream
from catalog.errors import CatalogError
from portal import fetch, stamps
from portal.tenancy import audit
from portal.tenancy.models import Tenant, User

MOST_ORIGINS = 50
SHOWN = ("address", "sign_in", "header", "token_address", "client_id", "scope", "timeout")


class NotAllowed(CatalogError):
    """What was asked for cannot be set; the message says why."""


@transaction.atomic
def set_upstream(*, tenant: Tenant, api: str, secret: str, by: User, **facts: Any) -> Upstream:
    """Sets or replaces a tenant's live address of an API. An empty `secret` keeps the one there was.

    Raises NotAllowed for an address that the portal would not reach.
    """
    facts["address"] = checked_address(facts["address"])
    if facts["sign_in"] == Upstream.SignIn.OAUTH:
        facts["token_address"] = checked_address(facts["token_address"])
    kept = Upstream.objects.of(tenant).filter(api=api).first()
    upstream = kept or Upstream(tenant=tenant, api=api)
    before = {name: getattr(upstream, name) for name in SHOWN} if kept else {}
    for name in SHOWN:
        setattr(upstream, name, facts[name])
    _check_secret(upstream, before, facts, secret)
    if facts["sign_in"] == Upstream.SignIn.NONE:
        upstream.secret = ""
    elif secret:
        upstream.secret = secret
    upstream.version = next_version()
    upstream.save()
    changes = {name: [str(before.get(name, "")), str(facts[name])] for name in SHOWN}
    changes = {name: pair for name, pair in changes.items() if pair[0] != pair[1]}
    audit.record("upstream.set", target=upstream, by=by, tenant=tenant, changes=changes)
    _publish(upstream)
    return upstream


@transaction.atomic
def remove_upstream(*, upstream: Upstream, by: User) -> None:
    audit.record("upstream.removed", target=upstream, by=by, tenant=upstream.tenant)
    upstream.delete()
    upstream.version = next_version()
    _publish(upstream)


def _check_secret(upstream: Upstream, before: dict[str, Any], facts: dict[str, Any], secret: str) -> None:
    """A kept secret never goes to another place than the one it was typed for."""
    if facts["sign_in"] == Upstream.SignIn.NONE or secret:
        return
    goes_to = "token_address" if facts["sign_in"] == Upstream.SignIn.OAUTH else "address"
    if not upstream.secret or any(before.get(name) != facts[name] for name in ("sign_in", goes_to)):
        raise NotAllowed("Type the secret again: it was kept for another address or another way to sign in.")


def subject(tenant_id: int, api: str) -> str:
    """The stamp that tells every process of a change."""
    return f"upstream:{tenant_id}:{api}"


def next_version() -> int:
    return time.time_ns() // 1_000_000


def _publish(upstream: Upstream) -> None:
    which = subject(upstream.tenant_id, upstream.api)
    transaction.on_commit(partial(stamps.publish, which, upstream.version), robust=True)


def checked_address(address: str) -> str:
    """As it is kept. Raises NotAllowed."""
    address = address.strip().rstrip("/")
    try:
        found = fetch.target(address)
    except fetch.Refused as refused:
        raise NotAllowed(str(refused)) from None
    if "?" in found.path:
        raise NotAllowed("The address must end before any “?”.")
    return address


@transaction.atomic
def allow_origin(*, tenant: Tenant, origin: str, by: User) -> AllowedOrigin:
    """Raises NotAllowed for what is no origin, and past MOST_ORIGINS."""
    origin = checked_origin(origin)
    if AllowedOrigin.objects.of(tenant).count() >= MOST_ORIGINS:
        raise NotAllowed(f"At most {MOST_ORIGINS} sites can be allowed. Remove one first.")
    allowed, is_new = AllowedOrigin.objects.get_or_create(tenant=tenant, origin=origin)
    if is_new:
        audit.record("origin.allowed", target=allowed, by=by, tenant=tenant)
    return allowed


@transaction.atomic
def remove_origin(*, allowed: AllowedOrigin, by: User) -> None:
    audit.record("origin.removed", target=allowed, by=by, tenant=allowed.tenant)
    allowed.delete()


def checked_origin(text: str) -> str:
    """`https://host[:port]` in lower case, as browsers send it. Raises NotAllowed."""
    text = text.strip().rstrip("/").lower()
    parts = urlsplit(text)
    try:
        port = parts.port
    except ValueError:
        port = -1
    default = {"https": 443, "http": 80}.get(parts.scheme)
    is_plain = default and parts.hostname and text == f"{parts.scheme}://{parts.netloc}" and "@" not in text
    if not is_plain or not text.isascii() or port == -1 or "*" in text or any(c.isspace() for c in text):
        raise NotAllowed("Write scheme and name, such as https://app.example.com. A star is not taken.")
    if parts.scheme == "http" and parts.hostname not in ("localhost", "127.0.0.1"):
        raise NotAllowed("Only https:// sites can be allowed (http:// for localhost while you develop).")
    return text.removesuffix(f":{default}")
