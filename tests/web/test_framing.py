"""Requests whose end can be read in two ways: one answer at most, then the line is closed."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator

import pytest

from portal.bench.site import Server, served

HEAD = b"POST / HTTP/1.1\r\nHost: portal\r\n"
NEXT = b"GET /smuggled HTTP/1.1\r\nHost: portal\r\n\r\n"
UNCLEAR = {
    "two lengths": (400, b"Content-Length: 1\r\nContent-Length: 2\r\n\r\nab"),
    "two codings": (400, b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n"),
    "an unknown coding": (400, b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n"),
    "a space before the colon": (400, b"Content-Length : 2\r\n\r\nab"),
    "a length below zero": (400, b"Content-Length: -1\r\n\r\n"),
    "a length with a sign": (400, b"Content-Length: +2\r\n\r\nab"),
    "a folded header": (400, b"X: a\r\n b\r\nContent-Length: 0\r\n\r\n"),
    "a length and chunks": (200, b"Content-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
    "a broken chunk": (200, b"Transfer-Encoding: chunked\r\n\r\nZZ\r\nab\r\n0\r\n\r\n"),
    "a thousand headers": (431, b"".join(b"X-%d: a\r\n" % number for number in range(1000)) + b"\r\n"),
    "a header of a megabyte": (431, b"X: " + b"a" * 1_000_000 + b"\r\n\r\n"),
}


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """Granian with an application that answers everything and reads a body only of a stated length."""
    with served("tests.web.turning:application", {}, workers=1, path="/") as found:
        yield found


def answers(server: Server, sent: bytes) -> list[int]:
    """Their statuses, until the server closes the line."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=5) as line:
        got = b""
        try:
            line.sendall(sent)
            while part := line.recv(65536):
                got += part
        except (ConnectionResetError, BrokenPipeError):
            pass
    return [int(part[:3]) for part in got.split(b"HTTP/1.1 ")[1:]]


@pytest.mark.parametrize("name", UNCLEAR)
def test_nothing_hides_behind_an_unclear_request(server, name):
    status, rest = UNCLEAR[name]

    assert answers(server, HEAD + rest + NEXT) in ([status], [] if status == 431 else [status])


def test_a_clear_request_is_followed_by_the_next(server):
    last = NEXT.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")

    assert answers(server, HEAD + b"Content-Length: 2\r\n\r\nab" + last) == [200, 200]


def test_a_refusal_leaves_the_line_open_for_the_next_call(server):
    """The body comes after its head, as many clients send it, and nobody wants it."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=5) as line:
        for _ in range(5):
            line.sendall(b"POST /refuse HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n")
            time.sleep(0.03)
            line.sendall(b"ab")
            assert line.recv(65536).startswith(b"HTTP/1.1 401")
