"""A WSGI application for tests of the turn: says how many calls worked with it at once."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from typing import Any

from portal import turn, wire

_working: set[int] = set()
_most = [0]
_threads: set[int] = set()


def _refuse(request: wire.Request) -> wire.Reply:
    raise wire.Problem(401, "Who are you?")


def _answer(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    me = threading.get_ident()
    if environ["PATH_INFO"] == "/refuse":
        return wire.application(_refuse)(environ, start_response)
    environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    _working.add(me)
    _threads.add(me)
    _most[0] = max(_most[0], len(_working))
    path = environ["PATH_INFO"]
    if path == "/wait":
        _working.discard(me)
        with turn.waiting():
            time.sleep(0.3)
    if path == "/forget":
        _threads.clear()
    text = f"{_most[0]} {len(_threads)}".encode()
    time.sleep(0.001)
    _working.discard(me)
    start_response("200 OK", [("Content-Length", str(len(text)))])
    return iter([text]) if path == "/stream" else [text]


application = turn.in_turn(_answer)
turn.rest_between_calls()
