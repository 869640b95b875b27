"""Events that could not reach the stream, one line each, in files of the process that wrote them.

A line is an event, with `<TAB>?` behind it when the stream may hold it already, or `<TAB>!` when the stream
held it and was found without it. Draining may send a line twice (a crash between sending and deleting): the
roll-up counts an event id once.
"""

from __future__ import annotations

import fcntl
import logging
import os
import secrets
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings

from portal import valkey
from usage.event import STREAM, Malformed, decode

log = logging.getLogger(__name__)
BATCH = 1000
LOST = b"\t!"

_own: tuple[int, Path] | None = None


def folder() -> Path:
    return Path(settings.VAR_DIR) / "spool"


def append(event: bytes, *, is_doubtful: bool) -> None:
    """One write of one line. A line that is written is drained sooner or later."""
    _write(event + (b"\t?\n" if is_doubtful else b"\n"))


def append_lost(events: Iterable[bytes]) -> None:
    _write(b"".join(event + LOST + b"\n" for event in events))


def _write(lines: bytes) -> None:
    path = _own_file()
    while True:
        file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_SH)
            if _is_at(path, file):  # else a drain renamed it meanwhile: begin a new one
                os.write(file, lines)
                return
        finally:
            os.close(file)


def _own_file() -> Path:
    """Named by process and its first spooled line, so that no two processes share one."""
    global _own
    if _own is None or _own[0] != os.getpid():
        folder().mkdir(mode=0o700, parents=True, exist_ok=True)
        _own = (os.getpid(), folder() / f"{os.getpid()}-{time.time_ns()}.jsonl")
    return _own[1]


def _is_at(path: Path, file: int) -> bool:
    try:
        there = os.stat(path)
    except FileNotFoundError:
        return False
    return there.st_ino == os.fstat(file).st_ino


def drain() -> int:
    """Moves all spooled lines of this machine into the stream; returns how many.

    Raises redis errors while the server is away; nothing is lost by that.
    """
    for path in folder().glob("*.jsonl"):
        try:
            path.rename(path.with_name(f"{path.stem}.{secrets.token_hex(4)}.taken"))
        except FileNotFoundError:
            continue  # another drain was faster
    return sum(_send(path) for path in sorted(folder().glob("*.taken")))


def _send(path: Path) -> int:
    with _claimed(path) as is_ours:
        if not is_ours:
            return 0
        sent = 0
        lines = path.read_bytes().splitlines()
        for start in range(0, len(lines), BATCH):
            pipeline = valkey.client().pipeline(transaction=False)
            for event, marks in _events(lines[start : start + BATCH], path):
                pipeline.xadd(STREAM, {"e": event, "again": 1, **marks})
                sent += 1
            pipeline.execute()
        path.unlink()
        return sent


def _events(lines: list[bytes], path: Path) -> Iterator[tuple[bytes, dict[Any, Any]]]:
    """Events, and what else their entries say."""
    for line in lines:
        event = line.removesuffix(b"\t?").removesuffix(LOST)
        try:
            decode(event)
        except Malformed:
            log.error("usage.spool_line_unreadable", extra={"file": path.name})
        else:
            yield event, {"lost": 1} if line.endswith(LOST) else {}


@contextmanager
def _claimed(path: Path) -> Iterator[bool]:
    """A taken file belongs to whoever holds its lock; a dead drain's lock is gone with it."""
    try:
        file = os.open(path, os.O_RDONLY)
    except FileNotFoundError:
        yield False
        return
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield _is_at(path, file)
    except BlockingIOError:
        yield False
    finally:
        os.close(file)
