"""Cookies for scripts: browsers keep the headers Cookie and Set-Cookie from them.

A page that tries an API with a session cookie sends it as `Portal-Cookie` and reads what the API sets from
`Portal-Set-Cookie`. Nothing enters the browser's cookie jar, so no session outlives the page, and the cookies
of the portal are never sent along (the page fetches without credentials). It opens no door: a program that
can send this header can send Cookie as well, and pages of other origins are stopped by the browser's
preflight, which is never granted here.
"""

from __future__ import annotations

from collections.abc import Callable

from portal.wire import Reply, Request


def for_script(request: Request, handle: Callable[[Request], Reply]) -> Reply:
    request.environ["HTTP_COOKIE"] = request.environ.pop("HTTP_PORTAL_COOKIE")
    reply = handle(request)
    reply.headers.extend(
        ("Portal-Set-Cookie", value) for name, value in reply.headers[:] if name.lower() == "set-cookie"
    )
    return reply
