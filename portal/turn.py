"""One call at a time works in a process; one that waits for another machine lets the next one work.

Python runs one thread at a time in any case, and threads that fight over it make every call late (p99 of
500 ms where one thread has 4). With a turn, a worker behaves like one with a single thread, while the others
stand by for calls that only wait: for a tenant's upstream, or because a test client asked for a delay.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]

_turn = threading.Lock()
_mine = threading.local()


def in_turn(application: Application) -> Application:
    """The application, worked by one thread at a time until it returns; its body is sent outside the turn."""

    def call(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        with _turn:
            _mine.held = True
            try:
                return application(environ, start_response)
            finally:
                _mine.held = False

    return call


@contextmanager
def waiting() -> Iterator[None]:
    """Around a wait for somebody else. Does nothing where no turn is held (tests, commands, bodies)."""
    if not getattr(_mine, "held", False):
        yield
        return
    _mine.held = False
    _turn.release()
    try:
        yield
    finally:
        _turn.acquire()
        _mine.held = True
