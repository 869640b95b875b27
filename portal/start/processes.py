"""Child processes that start in order, are restarted when they die, and end together."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

PATIENCE = 8.0  # seconds a child may take to end by itself
MOST_RESTARTS = 5  # within a minute; then the fault is not a passing one
_PR_SET_PDEATHSIG = 1


class StartFailed(Exception):
    """Says in one sentence why the portal cannot run."""


@dataclass(slots=True)
class Child:
    """One process, in a session of its own so that Ctrl-C reaches only the one who stops it in order."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    log: Path
    before_stop: Callable[[], None] | None = None
    process: subprocess.Popen[bytes] | None = None
    starts: list[float] = field(default_factory=list)

    def start(self) -> None:
        self.starts.append(time.monotonic())
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(  # noqa: S603 - our own command lines
                self.command,
                env={**os.environ, **self.environment},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=_die_with_parent if sys.platform == "linux" else None,
            )

    def is_alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def stop(self) -> None:
        """Asks, waits, then ends the whole process group."""
        if self.process is None:
            return
        if self.before_stop and self.is_alive():
            self.before_stop()
        with contextlib.suppress(ProcessLookupError):
            self.process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(PATIENCE)
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def last_words(self) -> str:
        with contextlib.suppress(OSError):
            lines = self.log.read_text(errors="replace").strip().splitlines()
            return lines[-1][:300] if lines else ""
        return ""


def _die_with_parent() -> None:
    """Linux: the child gets SIGTERM even when its parent is killed outright."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


class Supervisor:
    """Starts children one after another, watches them, stops them in reverse order."""

    def __init__(self) -> None:
        self.children: list[Child] = []
        self.asked_to_stop = False

    def start(self, child: Child) -> Child:
        child.start()
        self.children.append(child)
        return child

    def wait_for(self, child: Child, ready: Callable[[], bool], seconds: float) -> None:
        """Raises StartFailed when the child dies or is not ready in time."""
        ends = time.monotonic() + seconds
        while not ready():
            if self.asked_to_stop:
                raise KeyboardInterrupt
            if not child.is_alive() or time.monotonic() > ends:
                raise StartFailed(f"The {child.name} did not start ({child.log}): {child.last_words()}")
            time.sleep(0.03)

    def watch(self) -> None:
        """Returns when asked to stop. Raises StartFailed when a child dies again and again."""
        while not self.asked_to_stop:
            for child in self.children:
                if not child.is_alive() and not self.asked_to_stop:
                    recent = [start for start in child.starts if start > time.monotonic() - 60]
                    if len(recent) > MOST_RESTARTS:
                        raise StartFailed(
                            f"The {child.name} keeps ending ({child.log}): {child.last_words()}"
                        )
                    child.start()
            time.sleep(0.5)

    def stop(self) -> None:
        for child in reversed(self.children):
            child.stop()
        self.children.clear()
