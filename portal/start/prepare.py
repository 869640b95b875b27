"""What must be there before the first page: database, APIs, static files."""

from __future__ import annotations

import fcntl
import hashlib
import os
import socket
import subprocess
import sys
from importlib.metadata import distributions
from pathlib import Path
from typing import IO

from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.core.management.sql import emit_post_migrate_signal
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from portal.environment import BASE
from portal.start.processes import StartFailed


def hold_folder() -> IO[str]:
    """Keeps a second `up` out of this data folder for as long as the file is open."""
    folder = Path(settings.VAR_DIR)
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = (folder / "up.lock").open("w")
    except OSError as error:
        raise StartFailed(f"The data folder {folder} cannot be written: {error.strerror}.") from None
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        raise StartFailed(f"The portal is already running from the data folder {folder}.") from None
    return lock


def check_port(host: str, port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except PermissionError:
            raise StartFailed(f"Port {port} needs more rights. Choose one above 1023: --port 8000.") from None
        except OSError:
            raise StartFailed(f"Port {port} is in use. Choose another one: --port {port + 1}.") from None


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def of_simulator(port: int) -> dict[str, str]:
    """What web and worker must know to find the demo's HR system, and nothing else, on this machine."""
    origin = f"http://127.0.0.1:{port}"
    excepted = ",".join(filter(None, [os.environ.get("PORTAL_PRIVATE_ORIGINS", ""), origin]))
    return {
        "PORTAL_BAMBOOHR_URL": origin + "/{company}",
        "PORTAL_PRIVATE_ORIGINS": excepted,
        "PORTAL_HRIS_DEMO": "1",
    }


def migrate() -> None:
    if connection.vendor == "sqlite" and not connection.introspection.table_names():
        return create_tables()
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        call_command("migrate", interactive=False, verbosity=0)
    return None


def create_tables() -> None:
    """An empty database as the models are now, with every migration noted as applied.

    Walking through all migrations takes four times as long; tests/start holds that both give the same tables.
    """
    with connection.schema_editor() as editor:
        for model in apps.get_models():
            if model._meta.managed and not model._meta.proxy:
                editor.create_model(model)
    recorder = MigrationRecorder(connection)
    recorder.ensure_schema()
    recorder.migration_qs.bulk_create(
        recorder.Migration(app=app, name=name) for app, name in MigrationLoader(connection).graph.nodes
    )
    emit_post_migrate_signal(verbosity=0, interactive=False, db="default")


def collect_static() -> subprocess.Popen[bytes] | None:
    """Starts the collection in a process of its own, or None when nothing has changed since the last one."""
    mark = Path(settings.STATIC_ROOT) / ".fingerprint"
    fingerprint = _fingerprint()
    if mark.is_file() and mark.read_text() == fingerprint:
        return None
    script = (
        "import django, pathlib; django.setup();"
        "from django.core.management import call_command;"
        "call_command('collectstatic', interactive=False, verbosity=0);"
        f"pathlib.Path({str(mark)!r}).write_text({fingerprint!r})"
    )
    return subprocess.Popen([sys.executable, "-c", script], cwd=BASE, env=os.environ.copy())  # noqa: S603


def _fingerprint() -> str:
    """Of our own static files and of the packages that bring others."""
    digest = hashlib.sha256()
    for path in sorted((BASE / "static").rglob("*")):
        if path.is_file():
            stat = path.stat()
            digest.update(f"{path}:{stat.st_size}:{stat.st_mtime_ns}\n".encode())
    for package in sorted(f"{one.name}=={one.version}" for one in distributions()):
        digest.update(package.encode())
    return digest.hexdigest()
