"""`manage.py up`: starts, says clearly what is wrong, ends all it started, finds its data again."""

from __future__ import annotations

import contextlib
import os
import socket
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import httpx2
import pytest
import redis

from tests.e2e.portal import HOUSE, command, environment, free_port, started

pytestmark = pytest.mark.e2e


def fails_with(folder, *arguments: str, prefix: list[str] | None = None) -> str:
    done = subprocess.run(
        [*(prefix or []), *command(*arguments)],
        cwd=HOUSE,
        env=environment(folder),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode != 0
    assert "Traceback" not in done.stderr
    return done.stderr.strip().removeprefix("CommandError: ")


def command_line(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


def test_ctrl_c_ends_everything_and_a_second_start_finds_its_data(tmp_path):
    with started(tmp_path) as first:
        password = first.password
        assert len(first.processes()) >= 3  # up, web, worker
        with server(tmp_path) as valkey:
            pid = valkey.info("server")["process_id"]
        assert first.interrupt().endswith("Stopped.\n")
        assert first.processes() == []
        assert command_line(pid) == b""
    with started(tmp_path) as second:
        assert second.password == password
        assert httpx2.get(f"{second.url}/readyz").status_code == 200
        assert gaps(tmp_path, after=time.time()) == []


def test_a_killed_process_is_started_again(tmp_path):
    with started(tmp_path, "--bare") as portal:
        worker = next(pid for pid in portal.processes() if b"celery" in command_line(pid))
        os.kill(worker, 9)
        ends = time.monotonic() + 30
        while time.monotonic() < ends:
            alive = [command_line(pid) for pid in portal.processes()]
            if any(b"celery" in line for line in alive) and worker not in portal.processes():
                return
            time.sleep(0.2)
        pytest.fail("the worker did not come back")


def server(folder: Path) -> redis.Redis:
    return redis.Redis(unix_socket_path=str(folder / "valkey" / "valkey.sock"))


def gaps(folder: Path, *, after: float) -> list[str]:
    """The reasons of the gaps told, once the roll-up has looked at its server since then."""
    ends = time.monotonic() + 30
    while time.monotonic() < ends:
        with server(folder) as valkey:
            try:
                if float(valkey.get("usage:seen") or 0) > after:
                    with contextlib.closing(sqlite3.connect(folder / "portal.sqlite3")) as database:
                        return [reason for (reason,) in database.execute("SELECT reason FROM usage_gap")]
            except redis.RedisError:
                pass
        time.sleep(0.2)
    pytest.fail("the roll-up did not look")


def test_a_killed_valkey_is_started_again_and_its_possible_loss_told(tmp_path):
    with started(tmp_path, "--bare"):
        assert gaps(tmp_path, after=0) == []
        with server(tmp_path) as valkey:
            os.kill(valkey.info("server")["process_id"], 9)
        assert gaps(tmp_path, after=time.time() + 2) == ["restarted"]


def test_a_port_in_use_is_said(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert fails_with(tmp_path, "--port", str(port)) == (
            f"Port {port} is in use. Choose another one: --port {port + 1}."
        )


def test_an_unwritable_folder_is_said(tmp_path):
    (tmp_path / "file").write_text("not a folder")
    said = fails_with(tmp_path / "file" / "var", "--port", str(free_port()))

    assert said == f"The data folder {tmp_path / 'file' / 'var'} cannot be written: Not a directory."


def test_a_second_start_in_the_same_folder_is_refused(tmp_path):
    with started(tmp_path, "--bare"):
        said = fails_with(tmp_path, "--port", str(free_port()))

    assert said == f"The portal is already running from the data folder {tmp_path}."


def test_an_old_python_is_told_what_is_needed():
    """The real file, under an interpreter that says it is old."""
    script = (
        "import sys, runpy; sys.version_info = (3, 9, 1); runpy.run_path('manage.py', run_name='__main__')"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=HOUSE, capture_output=True, text=True, check=False
    )

    assert done.returncode != 0
    assert done.stderr.strip() == "This portal needs Python 3.11 or newer; this is Python 3.9."
