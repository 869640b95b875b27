"""Cookies for scripts: browsers keep the headers Cookie and Set-Cookie from them.

A page that tries an API with a session cookie sends it as `Portal-Cookie` and reads what the API sets from
`Portal-Set-Cookie`. Nothing enters the browser's cookie jar, so no session outlives the page, and the cookies
of the portal are never sent along (the page fetches without credentials). It opens no door: whoever can send
this header chose its value, and pages of other origins can only where a tenant has allowed them, without the
browser's own cookies.
"""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings

from portal.wire import Reply, Request


def for_script(request: Request, handle: Callable[[Request], Reply]) -> Reply:
    request.environ["HTTP_COOKIE"] = request.environ.pop("HTTP_PORTAL_COOKIE")
    reply = handle(request)
    reply.headers.extend(
        ("Portal-Set-Cookie", value) for name, value in reply.headers[:] if name.lower() == "set-cookie"
    )
    return reply


def secure(reply: Reply) -> None:
    """Where the portal is served over https, what a sandbox sets goes back over https alone."""
    if settings.IS_TLS and any(name == "Set-Cookie" for name, _ in reply.headers):
        reply.headers = [
            (name, f"{value}; Secure" if name == "Set-Cookie" else value) for name, value in reply.headers
        ]
