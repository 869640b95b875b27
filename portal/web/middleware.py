"""What every page's answer carries: a request id and a content security policy."""

from __future__ import annotations

import re
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase

from portal.ids import new_id
from portal.tenancy.audit import Origin, origin
from portal.web.address import client_address
from portal.web.logs import current_request_id

Handler = Callable[[HttpRequest], HttpResponseBase]
_well_formed_id = re.compile(r"[A-Za-z0-9._-]{1,64}\Z").match
PERMISSIONS = (
    "accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), magnetometer=(), "
    "microphone=(), midi=(), payment=(), usb=(), browsing-topics=()"
)


def request_id(get_response: Handler) -> Handler:
    """Takes a well-formed X-Request-Id or makes a ULID: for the answer, the logs and the audit log."""

    def handle(request: HttpRequest) -> HttpResponseBase:
        given = request.headers.get("X-Request-Id", "")
        number = given if _well_formed_id(given) else new_id()
        request.request_id = number  # type: ignore[attr-defined]
        address = client_address(
            request.META.get("REMOTE_ADDR", ""), request.META.get("HTTP_X_FORWARDED_FOR", "")
        )
        here = origin.set(Origin(request_id=number, address=address))
        logged = current_request_id.set(number)
        try:
            response = get_response(request)
        finally:
            current_request_id.reset(logged)
            origin.reset(here)
        response["X-Request-Id"] = number
        return response

    return handle


def content_security_policy(get_response: Handler) -> Handler:
    policy = settings.CONTENT_SECURITY_POLICY

    def handle(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        response.headers.setdefault("Content-Security-Policy", policy)
        response.headers.setdefault("Permissions-Policy", PERMISSIONS)
        return response

    return handle
