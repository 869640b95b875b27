"""Cross-origin calls by scripts of other web sites (Fetch standard, section 3.2).

Tokens travel in a header, so no credentials are ever allowed with an origin. A preflight carries no token:
it is answered for what any tenant allows; the call itself only for its own tenant's list.
"""

from __future__ import annotations

from catalog.access.queries import is_anybodys_origin, terms_of
from portal.wire import Request

EXPOSED = (
    "RateLimit-Limit, RateLimit-Remaining, RateLimit-Reset, Retry-After, X-Request-Id, Deprecation, Sunset, "
    "Link, Location, ETag, Preference-Applied, WWW-Authenticate, Content-Disposition"
)
REMEMBERED = "600"  # seconds that a browser may keep a preflight's answer
Headers = list[tuple[str, str]]


def of_call(request: Request, tenant_id: int | None, api: str) -> Headers:
    """For an answer; without a known tenant it holds nobody's data, and any tenant's origin may read it."""
    origin = request.header("Origin")
    if origin is None:
        return []
    allowed = is_anybodys_origin(origin) if tenant_id is None else origin in terms_of(tenant_id, api).origins
    return [*_allow(origin, allowed), ("Access-Control-Expose-Headers", EXPOSED)] if allowed else [_VARY]


def of_preflight(request: Request, methods: str) -> Headers:
    origin = request.header("Origin")
    if origin is None or request.header("Access-Control-Request-Method") is None:
        return []
    if not is_anybodys_origin(origin):
        return [_VARY]
    asked = request.header("Access-Control-Request-Headers") or ""
    return [
        *_allow(origin, True),
        ("Access-Control-Allow-Methods", methods),
        *([("Access-Control-Allow-Headers", asked)] if _is_list(asked) else []),
        ("Access-Control-Max-Age", REMEMBERED),
    ]


_VARY = ("Vary", "Origin")


def _allow(origin: str, is_allowed: bool) -> Headers:
    return [("Access-Control-Allow-Origin", origin), _VARY] if is_allowed else [_VARY]


def _is_list(text: str) -> bool:
    return (
        0 < len(text) < 1000
        and all(part.strip().replace("-", "").replace("_", "").isalnum() for part in text.split(","))
        and "portal-cookie" not in text.lower()
    )  # for this portal's own pages (gateway.cookies)
