"""Ends what works in a folder: also Celery's schedulers, which outlive their killed worker, and also when the
test itself is cut off. `python -m tests.integrations.sweep FOLDER` does so once its standard input is closed.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path


def processes(folder: Path, name: str = "") -> list[int]:
    """Those that have the folder in their command or as PORTAL_VAR, and `name` in their command."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            command = (entry / "cmdline").read_bytes()
            is_here = str(folder).encode() in command or f"PORTAL_VAR={folder}".encode() in (
                entry / "environ"
            ).read_bytes().split(b"\0")
            if is_here and name.encode() in command and int(entry.name) != os.getpid():
                found.append(int(entry.name))
    return found


def end(pids: list[int]) -> None:
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


@contextlib.contextmanager
def swept(folder: Path) -> Iterator[None]:
    """Where this process is ended in the middle, all that works in the folder is ended too."""
    guard = subprocess.Popen(
        [sys.executable, "-m", "tests.integrations.sweep", str(folder)],
        stdin=subprocess.PIPE,
        start_new_session=True,
    )
    try:
        yield
    finally:
        guard.communicate(b"over")


if __name__ == "__main__":
    place = Path(sys.argv[1])
    if not sys.stdin.buffer.read():  # nobody was left to say that it is over
        end(processes(place))
        shutil.rmtree(place, ignore_errors=True)
