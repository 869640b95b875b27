"""One call carried to an upstream and its answer back, both streamed."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote, urlsplit

import httpcore2 as httpcore

from catalog.access.models import Upstream
from catalog.gateway import room
from catalog.gateway.compiled import CompiledOperation
from catalog.gateway.refusal import Refusal
from catalog.gateway.visit import Visit
from catalog.live import headers, tokens, upstreams
from portal import fetch
from portal.addresses import CONNECT
from portal.connections import ask, deadline
from portal.wire import Problem, Reply, Request

log = logging.getLogger(__name__)

LONGEST = 300.0  # seconds that an answer may take in all
LARGEST_UPLOAD = 1024 * 1024 * 1024  # bytes of a body that is not checked against a schema
READ_WHOLE = 64 * 1024  # a shorter answer is read before the client is told anything
CHUNK = 64 * 1024
Body = bytes | Iterator[bytes] | None
OWN = [("Content-Security-Policy", "sandbox; default-src 'none'"), ("Cache-Control", "private, no-store")]


def forward(visit: Visit, operation: CompiledOperation) -> Reply:
    """The upstream's answer, or a problem: 404 none is set, 502 it failed, 504 it was late, 503 too many.

    Raises Refusal, Invalid for a request that does not fit the document.
    """
    assert visit.caller
    tenant = visit.caller.bearer.tenant_id
    upstream = upstreams.of(tenant, visit.slug, visit.data)
    if upstream is None:
        return _problem(
            visit,
            Problem(
                404,
                "No live address",
                "Your account has no live address for this API yet. An admin sets it under Settings → APIs; "
                "until then use /sandbox/ instead.",
            ),
        )
    body = _body(visit, operation)
    url = httpcore.URL(_url(upstream, visit, operation))
    try:
        with room.to_wait(tenant) as place:
            return _carried(visit, upstream, url, body, place)
    except Problem as problem:
        return _problem(visit, problem)


def _problem(visit: Visit, problem: Problem) -> Reply:
    return problem.reply(visit.request.request_id)


# ---------------------------------------------------------------- what is sent


def _body(visit: Visit, operation: CompiledOperation) -> Body:
    """JSON is read and checked against the document; anything else passes through as it comes."""
    request, check = visit.request, operation.request
    check.path(visit.path_values)
    check.query(request)
    check.headers(request)
    kind = (request.header("Content-Type") or "").partition(";")[0].strip().lower()
    if "json" in kind or not _has_body(request):
        check.body(request)
        return request.body(check.content.largest) or None
    stated = request.header("Content-Length") or "0"
    if not stated.isdigit() or int(stated) > LARGEST_UPLOAD:
        raise Refusal(413, "tooLarge", f"At most {LARGEST_UPLOAD:,} bytes are carried.")
    return _chunks(request.environ["wsgi.input"], int(stated) or LARGEST_UPLOAD)


def _has_body(request: Request) -> bool:
    return (request.header("Content-Length") or "0") != "0" or "HTTP_TRANSFER_ENCODING" in request.environ


def _chunks(source: Any, most: int) -> Iterator[bytes]:
    left = most
    while left and (chunk := source.read(min(CHUNK, left))):
        left -= len(chunk)
        yield bytes(chunk)


def _url(upstream: Upstream, visit: Visit, operation: CompiledOperation) -> str:
    """The document's path under the upstream's address; no value can lead out of it. Raises Refusal 400."""
    segments = visit.path.strip("/").split("/") if visit.path.strip("/") else []
    if any(part in (".", "..", "") or "\\" in part for part in segments):
        raise Refusal(400, "badPath", "A part of the path may not be empty, “.” or “..”.")
    path = "/".join(quote(part, safe="!$&'()*+,;=:@~-._") for part in segments)
    asked = visit.request.query_string
    if not asked.isascii() or any(ord(letter) <= 32 or letter == "#" for letter in asked):
        raise Refusal(400, "badQuery", "The query string has letters that must be percent-encoded.")
    slash = "/" if visit.path.endswith("/") and path else ""
    return f"{upstream.address}/{path}{slash}" + (f"?{asked}" if asked else "")


def _request(visit: Visit, upstream: Upstream, url: httpcore.URL, body: Body) -> httpcore.Request:
    own = tokens.credentials(upstream)
    if isinstance(body, bytes):
        own["Content-Length"] = str(len(body))
    elif body is not None and (stated := visit.request.header("Content-Length")):
        own["Content-Length"] = stated
    elif body is not None:
        own["Transfer-Encoding"] = "chunked"
    elif visit.request.method in ("POST", "PUT", "PATCH"):
        own["Content-Length"] = "0"
    seconds = float(upstream.timeout)
    return httpcore.Request(
        visit.request.method,
        url,
        headers=headers.outgoing(visit.request, host=urlsplit(upstream.address).netloc, own=own),
        content=body,
        extensions={"timeout": {"connect": CONNECT, "read": seconds, "write": seconds, "pool": 1.0}},
    )


# ---------------------------------------------------------------- what comes back


def _carried(visit: Visit, upstream: Upstream, url: httpcore.URL, body: Body, place: room.Place) -> Reply:
    with _faults(visit, upstream):
        response = _asked(visit, upstream, url, body)
        if response.status == 401 and not isinstance(body, Iterator) and tokens.drop(upstream):
            response.close()
            response = _asked(visit, upstream, url, body)
        told = headers.returned(response.headers) + OWN
        length = next((value for name, value in told if name == "Content-Length"), "")
        is_short = length.isdigit() and int(length) <= READ_WHOLE
        if visit.request.method == "HEAD" or response.status in (204, 304) or is_short:
            with deadline(upstream.timeout):
                whole = response.read()
            response.close()
            told = [pair for pair in told if pair[0] != "Content-Length"]
            return Reply(response.status, whole, told)
    return Reply(response.status, _Streamed(response, place.keep(), visit), told)


def _asked(visit: Visit, upstream: Upstream, url: httpcore.URL, body: Body) -> httpcore.Response:
    """Once more where a kept connection turned out to be closed, and nothing can have been done with it."""
    with deadline(upstream.timeout if not isinstance(body, Iterator) else LONGEST):
        request = _request(visit, upstream, url, body)
        try:
            return ask(request)
        except (httpcore.RemoteProtocolError, httpcore.ReadError, httpcore.WriteError):
            if visit.request.method not in ("GET", "HEAD"):
                raise
            return ask(request)


class _Streamed:
    """The rest of an answer, as it comes; ends the connection when it is late or the client has gone."""

    def __init__(self, response: httpcore.Response, place: room.Place, visit: Visit) -> None:
        self._response, self._place, self._visit = response, place, visit
        self._ends = time.monotonic() + LONGEST

    def __iter__(self) -> Iterator[bytes]:
        try:
            parts = self._response.iter_stream()
            while True:
                with deadline(self._ends - time.monotonic()):
                    chunk = next(parts, None)
                if chunk is None:
                    return
                yield chunk
        except Exception as error:
            # Headers have left: an answer broken off is all that can still be told.
            log.warning("live.broken_off kind=%s api=%s", type(error).__name__, self._visit.slug)
            raise
        finally:
            self.close()

    def close(self) -> None:
        self._response.close()
        self._place.leave()


@contextmanager
def _faults(visit: Visit, upstream: Upstream) -> Iterator[None]:
    """Every way an upstream can fail, as a Problem that names neither address nor content."""
    try:
        yield
    except (httpcore.TimeoutException, TimeoutError):
        log.warning("live.late api=%s upstream=%s", visit.slug, upstream.pk)
        text = f"The live address did not answer within {upstream.timeout} s."
        raise Problem(504, "Upstream timed out", text) from None
    except fetch.Refused:
        raise Problem(
            502, "Upstream not allowed", "The live address is not one that may be reached."
        ) from None
    except tokens.SignInFailed as error:
        raise Problem(502, "Upstream sign-in failed", str(error)) from None
    except (fetch.Unreachable, httpcore.NetworkError, httpcore.ProtocolError, ValueError, OSError) as error:
        log.warning("live.failed api=%s upstream=%s kind=%s", visit.slug, upstream.pk, type(error).__name__)
        text = "The live address could not be reached, or did not answer in HTTP."
        raise Problem(502, "Upstream failed", text) from None
