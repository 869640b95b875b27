"""One call at a time works in a web process, on a real Granian: waits and slow bodies keep nobody."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from portal.bench.site import Server, served


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """One worker with the usual eight threads."""
    with served("tests.web.turning:application", {}, workers=1, path="/") as running:
        yield running


def ask(server: Server, path: str = "/", body: bytes = b"") -> tuple[int, int]:
    """How many calls have worked at once so far, and how many threads have answered."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as line:
        head = f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
        line.sendall(head.encode() + body)
        answer = b""
        while chunk := line.recv(65_536):
            answer += chunk
    most, threads = answer.rsplit(b"\r\n\r\n", 1)[1].split()
    return int(most), int(threads)


def begun(server: Server) -> socket.socket:
    """A call whose body does not come."""
    line = socket.create_connection(("127.0.0.1", server.port), timeout=10)
    line.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n")
    return line


def test_calls_work_one_at_a_time_and_threads_rest(server: Server) -> None:
    with ThreadPoolExecutor(16) as pool:
        list(pool.map(lambda _: ask(server), range(100)))
        ask(server, "/forget")
        found = list(pool.map(lambda number: ask(server, "/", b"x" * number), range(200)))

    assert {most for most, _ in found} == {1}
    assert max(threads for _, threads in found) <= 2  # of eight


@pytest.mark.parametrize("path", ["/wait", "/stream"])
def test_calls_that_wait_or_stream_wait_together(server: Server, path: str) -> None:
    with ThreadPoolExecutor(16) as pool:
        list(pool.map(lambda _: ask(server), range(50)))  # threads are there, and rest
        began = time.monotonic()
        list(pool.map(lambda _: ask(server, path), range(6)))
        took = time.monotonic() - began
        assert ask(server)[0] == 1

    assert took < 6 * 0.3


def test_bodies_that_do_not_come_keep_nobody(server: Server) -> None:
    """Seven of them, one fewer than there are threads; each is answered when it comes at last."""
    with ThreadPoolExecutor(16) as pool:
        list(pool.map(lambda _: ask(server), range(50)))
    lines = [begun(server) for _ in range(7)]
    for _ in range(20):
        assert ask(server)[0] == 1
    for line in lines:
        line.sendall(b"12345")
        assert line.recv(100).startswith(b"HTTP/1.1 200")
        line.close()
    assert ask(server, "/", b"abc")[0] == 1


def test_a_client_that_hangs_up_within_its_body_keeps_nobody(server: Server) -> None:
    for _ in range(20):
        begun(server).close()

    assert ask(server)[0] == 1


def test_a_server_with_resting_threads_ends_at_once() -> None:
    with served("tests.web.turning:application", {}, workers=1, path="/") as running:
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(lambda _: ask(running), range(50)))
        began = time.monotonic()
        running.process.terminate()
        running.process.wait(10)

    assert time.monotonic() - began < 3
