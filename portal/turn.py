"""One call at a time works in a process; one that waits for another machine lets the next one work.

Python runs one thread at a time in any case. Threads that fight over it cost a third of the calls a second
and make every call late. So a worker behaves like one with a single thread: a call holds the turn while it
works, and a thread that has answered rests while another one is at work, instead of coming back to the
server for more. Who waits for a tenant's upstream, for a test client's delay or for a body that is slow to
come gives the turn away and sends a rested thread back to the server.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]

TICK = 0.02  # seconds; a body that takes longer than one to two of these to come is slow

_turn = threading.Lock()
_mine = threading.local()

_counts = threading.Lock()  # guards the three below
_at_work = 0  # threads in a call that neither wait nor send
_resting: list[threading.Lock] = []  # each taken twice by its thread; released, the thread goes on
_reading: _Read | None = None  # the holder of the turn, while it reads its call's body


def in_turn(application: Application) -> Application:
    """The application, worked by one thread at a time until it returns; its body is sent outside the turn."""

    def call(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        if environ.get("CONTENT_LENGTH", "0") != "0" or "HTTP_TRANSFER_ENCODING" in environ:
            environ["wsgi.input"] = _Input(environ["wsgi.input"])
        _enter()
        body: Iterable[bytes] = ()
        try:
            body = application(environ, start_response)
            return body
        finally:
            _leave(wakes=not isinstance(body, list | tuple))  # an iterator takes its time

    return call


def _enter() -> None:
    global _at_work
    with _counts:
        _at_work += 1
    _turn.acquire()
    _mine.held = True


def _leave(*, wakes: bool) -> None:
    global _at_work
    _mine.held = False
    _turn.release()
    with _counts:
        _at_work -= 1
        if wakes:
            _wake()


@contextmanager
def waiting() -> Iterator[None]:
    """Around a wait for somebody else. Does nothing where no turn is held (tests, commands, bodies)."""
    if not getattr(_mine, "held", False):
        yield
        return
    _leave(wakes=True)
    try:
        yield
    finally:
        _enter()


def rest() -> None:
    """Between two calls of a server's thread: returns once it is needed, at once if nobody is at work."""
    with _counts:
        if not _at_work:
            return
        bed = threading.Lock()
        bed.acquire()
        _resting.append(bed)
    bed.acquire()


def _wake() -> None:
    """The thread that fell asleep last, as its memory is the warmest."""
    if _resting:
        _resting.pop().release()


class _Read:
    """One look at the body by the holder of the turn."""

    __slots__ = ("is_aside",)

    def __init__(self) -> None:
        self.is_aside = False


class _Input:
    """The body of a call. Most have come with their head; for one that has not, others get the turn."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream

    def read(self, *size: int) -> bytes:
        return bytes(self._patiently(self._stream.read, *size))

    def readline(self, *size: int) -> bytes:
        return bytes(self._patiently(self._stream.readline, *size))

    def readlines(self, *hint: int) -> list[bytes]:
        return list(self._patiently(self._stream.readlines, *hint))

    def __iter__(self) -> Iterator[bytes]:
        while line := self.readline():
            yield line

    def _patiently(self, read: Callable[..., Any], *arguments: int) -> Any:
        global _reading
        if not getattr(_mine, "held", False):
            return read(*arguments)
        watch()
        mine = _reading = _Read()
        try:
            return read(*arguments)
        finally:
            with _counts:
                _reading = None if _reading is mine else _reading
            if mine.is_aside:
                _enter()


def _step_aside(read: _Read) -> None:
    """What `waiting` does, on behalf of a thread that has been reading for too long."""
    global _at_work, _reading
    with _counts:
        if _reading is not read:
            return
        read.is_aside, _reading = True, None
        _at_work -= 1
        _turn.release()
        _wake()


_watcher: threading.Thread | None = None


def watch() -> None:
    global _watcher
    if _watcher is None:
        _watcher = threading.Thread(target=_watch, name="slow bodies", daemon=True)
        _watcher.start()


def _watch() -> None:
    seen: _Read | None = None
    while True:
        time.sleep(TICK)
        if seen is not None and seen is _reading:
            _step_aside(seen)
        seen = _reading


def rest_between_calls() -> None:
    """Lets the threads of Granian rest. Its WSGI callable has no end that a thread could be kept at, so the
    wrapper that Granian puts around it gets one; where that has gone, nothing rests and calls cost more.
    """
    try:
        mp: Any = import_module("granian.server.mp")
    except ImportError:
        return
    wrap = getattr(mp, "_wsgi_call_wrap", None)
    if wrap is None or getattr(wrap, "rests", False):
        return

    def wrapped(*arguments: Any) -> Callable[..., Any]:
        answer = wrap(*arguments)

        def call(protocol: Any, scope: Any) -> None:
            answer(protocol, scope)
            rest()

        return call

    wrapped.rests = True  # type: ignore[attr-defined]
    mp._wsgi_call_wrap = wrapped
