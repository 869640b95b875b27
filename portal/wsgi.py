"""Every request enters here: client programs to the gateway and the token endpoint, people to Django."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")

from django.core.wsgi import get_wsgi_application

pages = get_wsgi_application()

from apps.oauth.endpoint import application as oauth  # noqa: E402 - Django must be set up first
from catalog.gateway.endpoint import application as gateway  # noqa: E402
from portal.celery import announce_only  # noqa: E402
from portal.turn import in_turn, rest_between_calls  # noqa: E402


def route(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    path: str = environ.get("PATH_INFO", "")
    if path.startswith(("/sandbox/", "/live/")):
        return gateway(environ, start_response)
    if path.startswith("/oauth2/") or path == "/.well-known/oauth-authorization-server":
        return oauth(environ, start_response)
    return pages(environ, start_response)


application = in_turn(route)
rest_between_calls()
announce_only()
