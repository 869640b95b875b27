"""From a handler to a WSGI callable."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from typing import Any

from portal.wire.reply import Problem, Reply
from portal.wire.request import Request

log = logging.getLogger(__name__)
Handler = Callable[[Request], Reply]
Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


def application(handler: Handler) -> Application:
    """A WSGI callable: request ids out, problems as documents, anything else one logged neutral 500."""

    def call(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        request = Request(environ)
        try:
            reply = handler(request)
        except Problem as problem:
            reply = problem.reply(request.request_id)
        except Exception as error:
            reply = failure(error, request.request_id)
        headers = reply.headers
        headers.append(("X-Request-Id", request.request_id))
        headers.append(("X-Content-Type-Options", "nosniff"))
        if isinstance(reply.body, bytes):
            request.pass_over()
            headers.append(("Content-Length", str(len(reply.body))))
            body: Iterable[bytes] = [b"" if request.method == "HEAD" else reply.body]
        else:
            body = reply.body
        start_response(reply.line, headers)
        return body

    return call


def failure(error: Exception, request_id: str) -> Reply:
    """A neutral 500 for the client, and the place of the fault in the log."""
    where = error.__traceback__
    while where is not None and where.tb_next is not None:
        where = where.tb_next
    # Only the kind of error: exception text can hold secrets and customers' data.
    log.error(
        "machine_call_failed kind=%s at=%s:%s request_id=%s",
        type(error).__name__,
        where.tb_frame.f_code.co_filename if where else "?",
        where.tb_lineno if where else 0,
        request_id,
    )
    detail = "The call failed on our side. Quote the request id to support."
    return Problem(500, "Internal error", detail).reply(request_id)
