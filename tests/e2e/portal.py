"""A portal started as its users start it, with a data folder of its own."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

HOUSE = Path(__file__).parent.parent.parent
OURS = ("PORTAL_", "DATABASE_URL", "REDIS_URL", "EMAIL_URL", "DJANGO_SETTINGS_MODULE")


@dataclass
class Portal:
    """A running `manage.py up`. `printed` is what it has said so far."""

    process: subprocess.Popen[str]
    url: str
    folder: Path
    printed: list[str] = field(default_factory=list)
    started_in: float = 0.0

    def said(self, pattern: str) -> str:
        found = re.search(pattern, "".join(self.printed))
        assert found, f"{pattern} is not in {''.join(self.printed)}"
        return found[1]

    @property
    def password(self) -> str:
        return self.said(r"Password\s+(\S+)")

    def sign_in(self, page: Any) -> None:
        """Ada, by the form."""
        page.goto(f"{self.url}/signin/")
        page.get_by_label("Account name").fill(self.said(r"Account name\s+(\S+)"))
        page.get_by_role("button", name="Continue").click()
        page.get_by_label("E-mail").fill(self.said(r"E-mail\s+(\S+)"))
        page.get_by_label("Password", exact=True).fill(self.password)
        page.keyboard.press("Enter")
        page.wait_for_url(f"{self.url}/")

    def processes(self) -> list[int]:
        """Everything that works in this portal's folder."""
        found = []
        for folder in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                environment = (folder / "environ").read_bytes()
                if f"PORTAL_VAR={self.folder}".encode() + b"\0" in environment + b"\0":
                    found.append(int(folder.name))
        return found

    def interrupt(self) -> str:
        """Ctrl-C; returns all it printed."""
        self.process.send_signal(signal.SIGINT)
        self.process.wait(30)
        return "".join(self.printed)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def command(*arguments: str) -> list[str]:
    return [sys.executable, "manage.py", "up", *arguments]


def environment(folder: Path) -> dict[str, str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
    return clean | {"PORTAL_VAR": str(folder), "PYTHONUNBUFFERED": "1"}


@contextlib.contextmanager
def started(folder: Path, *arguments: str, **variables: str) -> Iterator[Portal]:
    """From nothing, or from what an earlier start left in the folder. `variables` join its environment."""
    port = free_port()
    began = time.monotonic()
    process = subprocess.Popen(
        command("--port", str(port), *arguments),
        cwd=HOUSE,
        env=environment(folder) | variables,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    portal = Portal(process, f"http://127.0.0.1:{port}", folder)
    reader = threading.Thread(target=lambda: portal.printed.extend(process.stdout or []), daemon=True)
    reader.start()
    try:
        while "Ctrl-C stops it" not in "".join(portal.printed):
            assert process.poll() is None, "".join(portal.printed)
            assert time.monotonic() - began < 90, "".join(portal.printed)
            time.sleep(0.02)
        portal.started_in = time.monotonic() - began
        yield portal
    finally:
        if process.poll() is None:
            portal.interrupt()
        reader.join(5)
        if process.stdout:
            process.stdout.close()
