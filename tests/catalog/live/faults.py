"""What an upstream may do instead of answering: a function of its socket, and the status of a call."""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator

Answer = Callable[[socket.socket], None]


def drip(line: socket.socket, seconds: float) -> None:
    """A header byte now and then, never an end."""
    ends = time.monotonic() + seconds
    line.sendall(b"HTTP/1.1 200 OK\r\nX-Slow: ")
    while time.monotonic() < ends:
        line.sendall(b"a")
        time.sleep(0.05)


def _reset(line: socket.socket) -> None:
    line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def _say(text: bytes, then: float = 0) -> Answer:
    def answer(line: socket.socket) -> None:
        line.sendall(b"HTTP/1.1 " + text)
        time.sleep(then)

    return answer


FAULTS: dict[str, tuple[Answer, int]] = {
    "silent": (lambda line: time.sleep(1.6), 504),
    "header bytes now and then": (lambda line: drip(line, 1.6), 504),
    "closed at once": (lambda line: None, 502),
    "reset": (_reset, 502),
    "no http": (lambda line: line.sendall(b"SSH-2.0-x\r\n\r\n"), 502),
    "huge header": (_say(b"200 OK\r\nX: " + b"a" * 300_000), 502),
    "two lengths": (_say(b"200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nabc"), 502),
    "bad length": (_say(b"200 OK\r\nContent-Length: -1\r\n\r\n"), 502),
    "short body": (_say(b"200 OK\r\nContent-Length: 9\r\n\r\nabc"), 502),
    "body never ends its length": (_say(b"200 OK\r\nContent-Length: 9\r\n\r\nabc", then=1.6), 504),
}


def _endless(line: socket.socket) -> None:
    """32 MB in chunks, and no end; until the other side has had enough."""
    line.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    for _ in range(512):
        line.sendall(b"10000\r\n" + b"a" * 65_536 + b"\r\n")


# Answers that begin well and go on: they are passed on as they come, whatever becomes of them.
STREAMS: dict[str, tuple[Answer, int]] = {
    "endless body": (_endless, 200),
    "redirect": (
        _say(b"302 Found\r\nLocation: http://x/\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"),
        302,
    ),
}


@contextlib.contextmanager
def listening(answer: Answer) -> Iterator[int]:
    """The port where every request gets this answer."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=64)
    listener.settimeout(0.1)
    is_open = threading.Event()
    is_open.set()

    def one(line: socket.socket) -> None:
        with contextlib.closing(line), contextlib.suppress(OSError):
            line.settimeout(5)
            line.recv(65_536)
            answer(line)

    def serve() -> None:
        while is_open.is_set():
            with contextlib.suppress(OSError):
                threading.Thread(target=one, args=(listener.accept()[0],), daemon=True).start()

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        is_open.clear()
        thread.join(1)
        listener.close()
