"""A load generator: a few keep-alive connections that send prepared requests one after another.

Run as its own process (python -m portal.bench.load), so that it takes nothing from the server's interpreter.
"""

from __future__ import annotations

import json
import selectors
import socket
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass


@dataclass(frozen=True, slots=True)
class Measured:
    """Latencies in milliseconds; `statuses` counts answers by status."""

    per_second: float
    p50: float
    p99: float
    calls: int
    statuses: dict[str, int]


def request(method: str, path: str, headers: dict[str, str], body: bytes = b"") -> bytes:
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


class _Client:
    __slots__ = ("buffer", "number", "sent_at", "socket")

    def __init__(self, port: int, number: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=30)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.buffer = b""
        self.number = number
        self.sent_at = 0.0

    def send(self, requests: Sequence[bytes], step: int) -> None:
        self.sent_at = time.perf_counter()
        self.socket.sendall(requests[self.number % len(requests)])
        self.number += step

    def receive(self) -> int | None:
        """The status of a complete answer, None while it is incomplete."""
        chunk = self.socket.recv(262_144)
        if not chunk:
            raise ConnectionError("the server closed a connection")
        self.buffer += chunk
        end = self.buffer.find(b"\r\n\r\n")
        if end < 0:
            return None
        head = self.buffer[:end].lower()
        at = head.find(b"content-length:")
        length = int(head[at + 15 :].split(b"\r\n", 1)[0]) if at >= 0 else 0
        if len(self.buffer) < end + 4 + length:
            return None
        self.buffer = b""
        return int(head[9:12])


def load(port: int, requests: Sequence[bytes], *, clients: int, seconds: float) -> Measured:
    """Bounded by `seconds`; each client has one call under way at a time."""
    selector = selectors.DefaultSelector()
    for number in range(clients):
        client = _Client(port, number)
        selector.register(client.socket, selectors.EVENT_READ, client)
        client.send(requests, clients)
    began = time.perf_counter()
    ends = began + seconds
    latencies: list[float] = []
    statuses: dict[str, int] = {}
    while (now := time.perf_counter()) < ends:
        for key, _ in selector.select(timeout=1):
            client = key.data
            status = client.receive()
            if status is not None:
                latencies.append(time.perf_counter() - client.sent_at)
                statuses[str(status)] = statuses.get(str(status), 0) + 1
                client.send(requests, clients)
    for key in list(selector.get_map().values()):
        key.data.socket.close()
    latencies.sort()
    count = len(latencies) or 1
    return Measured(
        per_second=len(latencies) / (now - began),
        p50=latencies[count // 2] * 1000 if latencies else 0.0,
        p99=latencies[min(count - 1, count * 99 // 100)] * 1000 if latencies else 0.0,
        calls=len(latencies),
        statuses=statuses,
    )


def main() -> None:
    """Reads {port, clients, seconds, requests: [text]} as JSON, writes a Measured as JSON."""
    asked = json.load(sys.stdin)
    requests = [text.encode("latin-1") for text in asked["requests"]]
    found = load(asked["port"], requests, clients=asked["clients"], seconds=asked["seconds"])
    json.dump(asdict(found), sys.stdout)


if __name__ == "__main__":
    main()
