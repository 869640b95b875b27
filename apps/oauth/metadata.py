"""What a client library can find out by itself (RFC 8414)."""

from __future__ import annotations

from typing import Any

from django.conf import settings

from apps.queries import published_scopes

TOKEN = "/oauth2/token"  # noqa: S105
REVOKE = "/oauth2/revoke"
INTROSPECT = "/oauth2/introspect"
METADATA = "/.well-known/oauth-authorization-server"
AUTH_METHODS = ["client_secret_basic", "client_secret_post"]


def document() -> dict[str, Any]:
    base = settings.PORTAL_URL
    return {
        "issuer": base,
        "token_endpoint": base + TOKEN,
        "token_endpoint_auth_methods_supported": AUTH_METHODS,
        "revocation_endpoint": base + REVOKE,
        "revocation_endpoint_auth_methods_supported": AUTH_METHODS,
        "introspection_endpoint": base + INTROSPECT,
        "introspection_endpoint_auth_methods_supported": AUTH_METHODS,
        "grant_types_supported": ["client_credentials"],
        "response_types_supported": [],  # required by the RFC; there is no authorization endpoint
        "scopes_supported": published_scopes(),
        "service_documentation": base + "/catalog/",
    }
