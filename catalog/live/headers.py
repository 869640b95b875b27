"""Which headers cross the gateway. What is not let through does not exist for the other side."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlsplit

from django.conf import settings

from portal.wire import Request

# RFC 9110 section 7.6.1, and what older software still sends.
HOP_BY_HOP = frozenset(
    "connection keep-alive proxy-connection proxy-authenticate proxy-authorization te trailer trailers "
    "transfer-encoding upgrade http2-settings".split()
)
# The portal's credentials, what it sets itself, and what would tell the upstream who else was asked.
NOT_SENT = HOP_BY_HOP | frozenset(
    "authorization cookie host content-length expect forwarded via x-request-id x-real-ip x-client-ip "
    "true-client-ip cf-connecting-ip x-original-url x-rewrite-url x-original-host x-http-method-override "
    "x-method-override origin referer portal-cookie max-forwards".split()
)
# Cookies and orders to the browser are for the upstream's own address, not for the portal's.
NOT_RETURNED = HOP_BY_HOP | frozenset(
    "set-cookie set-cookie2 strict-transport-security clear-site-data alt-svc content-security-policy "
    "content-security-policy-report-only public-key-pins report-to reporting-endpoints nel server "
    "x-powered-by via x-request-id ratelimit-limit ratelimit-remaining ratelimit-reset refresh "
    "x-content-type-options service-worker-allowed sourcemap date".split()
)
_APART = ("x-forwarded-", "sec-", "access-control-", "proxy-")

Pairs = list[tuple[bytes, bytes]]


def outgoing(request: Request, *, host: str, own: dict[str, str]) -> Pairs:
    """The client's headers less those above, plus ours. `own` wins over both."""
    named = _named(request.environ.get("HTTP_CONNECTION", ""))
    given = {
        name: str(value)
        for key, value in request.environ.items()
        if (name := _name(key)) and _may_cross(name, NOT_SENT | named)
    }
    forwarded = {
        "host": host,
        "x-request-id": request.request_id,
        "via": "1.1 portal",
        "x-forwarded-for": request.address or "unknown",
        "x-forwarded-host": urlsplit(settings.PORTAL_URL).netloc,
        "x-forwarded-proto": urlsplit(settings.PORTAL_URL).scheme,
    }
    lowered = {name.lower(): value for name, value in own.items()}
    return [
        (name.encode("ascii"), value.encode("latin-1"))
        for name, value in (given | forwarded | lowered).items()
    ]


def _name(key: str) -> str:
    if key == "CONTENT_TYPE":
        return "content-type"
    return key[5:].replace("_", "-").lower() if key.startswith("HTTP_") else ""


def returned(pairs: Iterable[tuple[bytes, bytes]]) -> list[tuple[str, str]]:
    """What the client is told; Content-Length too, since the body passes untouched."""
    found = [(name.decode("ascii").lower(), value.decode("latin-1")) for name, value in pairs]
    named: frozenset[str] = frozenset()
    for name, value in found:
        if name == "connection":
            named |= _named(value)
    return [(name.title(), value) for name, value in found if _may_cross(name, NOT_RETURNED | named)]


def _named(connection: str) -> frozenset[str]:
    """Headers that a Connection header declares to be for the next machine only."""
    return frozenset(part.strip().lower() for part in connection.split(",")) - {"content-type"}


def _may_cross(name: str, not_these: frozenset[str]) -> bool:
    return name not in not_these and not name.startswith(_APART)
