"""A real upstream on loopback that tells what reached it, and misbehaves when asked."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from tests.catalog.live.faults import listening


class Upstream(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Any

    def handle_all(self) -> None:
        if self.headers.get("Transfer-Encoding") == "chunked":
            body = b""
            while size := int(self.rfile.readline(), 16):
                body += self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
        else:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.server.seen.append(
            {
                "method": self.command,
                "path": self.path,
                "headers": [(k.lower(), v) for k, v in self.headers.items()],
                "body": body,
                "client": self.client_address,
            }
        )
        self.server.answer(self)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = handle_all

    def log_message(self, *_: object) -> None:
        pass


def say(handler: BaseHTTPRequestHandler, status: int = 200, body: bytes = b"{}", **headers: str) -> None:
    handler.send_response(status)
    handler.send_header("Content-Length", str(len(body)))
    for name, value in headers.items():
        handler.send_header(name.replace("_", "-"), value)
    handler.end_headers()
    handler.wfile.write(body)


@pytest.fixture
def far() -> Iterator[Any]:
    """`far.url`, `far.seen`, and `far.answer`, which a test may replace."""
    server: Any = ThreadingHTTPServer(("127.0.0.1", 0), Upstream)
    server.daemon_threads = True
    server.seen, server.answer = [], say
    server.url = f"http://127.0.0.1:{server.server_address[1]}"
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def raw() -> Iterator[Any]:
    """A listener whose answer is a function of the socket; it counts its connections."""
    state: Any = {"answer": lambda line: None, "connections": 0}

    def answer(line: socket.socket) -> None:
        state["connections"] += 1
        state["answer"](line)

    with listening(answer) as port:
        state["url"] = f"http://127.0.0.1:{port}"
        yield state


@pytest.fixture(autouse=True)
def _fresh_connections() -> Iterator[None]:
    from portal.connections import pool

    pool.cache_clear()
    yield
    for scheme in ("http", "https"):
        pool(scheme).close()
    pool.cache_clear()


@pytest.fixture
def live(settings: Any, ada: Any, workforce: Any) -> Any:
    """Sets Ada's live address of an API: live(url, sign_in="header", …)."""
    from catalog.access.services import set_upstream

    settings.ALLOW_PRIVATE_FETCH = True

    def put(address: str, *, api: str = "workforce", by: Any = ada, **facts: Any) -> Any:
        given = {
            "sign_in": "none",
            "header": "",
            "token_address": "",
            "client_id": "",
            "scope": "",
            "timeout": 2,
            "secret": "",
        } | facts
        return set_upstream(tenant=by.tenant, api=api, address=address, by=by, **given)

    return put


def as_json(answer: Any) -> Any:
    return json.loads(answer.body)
