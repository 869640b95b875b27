"""The one way to fetch an address that a user can influence.

Only https to public addresses: the name is resolved once, every address it has must be public, and the
connection goes to the very address that was checked, under the name's own TLS certificate (portal.addresses,
portal.connections). No redirects, no proxy, no cookies; time and size have ends.
"""

from __future__ import annotations

from dataclasses import dataclass

import httpcore2 as httpcore

from portal.addresses import CONNECT, FetchError, NameUnknown, Refused, Target, Unreachable, addresses, target
from portal.connections import ask, deadline
from portal.turn import waiting

__all__ = ["Answer", "FetchError", "NameUnknown", "Refused", "Unreachable", "addresses", "fetch", "target"]

READ, TOTAL = 5.0, 5.5  # seconds
LIMIT = 1_000_000  # bytes of an answer
TRANSPORT = {b"host", b"connection", b"accept-encoding", b"content-length", b"transfer-encoding"}
Pairs = list[tuple[bytes, bytes]]


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: dict[str, str]  # lower-case names
    body: bytes


def fetch(
    url: str,
    *,
    method: str = "GET",
    headers: dict[str, str] | None = None,
    body: bytes | None = None,
    limit: int = LIMIT,
    total: float = TOTAL,
    is_kept: bool = False,
) -> Answer:
    """One request; any status is an answer, a redirect too. Raises Refused or Unreachable in `total` s.

    `is_kept` keeps the connection for the next such call, which may find that it was closed meanwhile: for
    callers that ask the same machine often, and once more where no answer came.
    """
    goal = target(url)
    try:
        with waiting(), deadline(total):
            return _fetched(goal, _request(goal, method, headers or {}, body, is_kept=is_kept), limit)
    except (OSError, ValueError, httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError):
        raise Unreachable(f"{goal.host} did not answer as expected.") from None


def _request(
    goal: Target, method: str, headers: dict[str, str], body: bytes | None, *, is_kept: bool
) -> httpcore.Request:
    given = [(name.encode("ascii"), value.encode("latin-1")) for name, value in headers.items()]
    own: Pairs = [(b"Host", goal.host_header.encode()), (b"Accept-Encoding", b"identity")]
    if not is_kept:
        own.append((b"Connection", b"close"))
    if body is not None or method in ("POST", "PUT", "PATCH"):
        own.append((b"Content-Length", b"%d" % len(body or b"")))
    return httpcore.Request(
        method,
        httpcore.URL(
            scheme=goal.scheme.encode(), host=goal.host.encode(), port=goal.port, target=goal.path.encode()
        ),
        headers=own + [pair for pair in given if pair[0].lower() not in TRANSPORT],
        content=body,
        extensions={"timeout": {"connect": CONNECT, "read": READ, "write": READ, "pool": 1.0}},
    )


def _fetched(goal: Target, request: httpcore.Request, limit: int) -> Answer:
    response = ask(request)
    try:
        headers = {
            name.decode("latin-1").lower(): value.decode("latin-1") for name, value in response.headers
        }
        if headers.get("content-encoding", "identity") != "identity":
            raise ValueError("compressed although not asked for")
        return Answer(response.status, headers, _body(response, limit))
    finally:
        response.close()


def _body(response: httpcore.Response, limit: int) -> bytes:
    parts, size = [], 0
    for part in response.iter_stream():
        size += len(part)
        if size > limit:
            raise ValueError("too long")
        parts.append(part)
    return b"".join(parts)
