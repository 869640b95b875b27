"""Rows E1, E3 and E4: the count stays exact while its parts are frozen, killed and doubled. Bounded.

A paced load calls a real site at 500 calls a second; what was answered is held against what was counted.
"""

from __future__ import annotations

import contextlib
import json
import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from portal.bench.gateway import get_token
from portal.bench.load import request
from portal.bench.site import Server, Site, served, site
from portal.environment import BASE

pytestmark = pytest.mark.load
PATH = "/sandbox/workforce/v1/search/employees"
RATE = 500  # calls a second
CLIENTS = 10

VALKEY_PID = """
import django; django.setup()
from portal import valkey
print(valkey.client().info("server")["process_id"])
"""
COUNT = """
import json, time, django; django.setup()
from django.db.models import Sum
from usage import spool
from usage.models import Gap, RequestLog
from usage.roll_up import roll_up
from usage.rows import GRAINS
began = time.monotonic(); drained = spool.drain(); took = time.monotonic() - began
roll_up(seconds=120)
sums = [model.objects.aggregate(n=Sum("calls"))["n"] or 0 for model, _ in GRAINS]
print(json.dumps({"sums": sums, "log": RequestLog.objects.count(), "drained": drained, "took": took,
  "gaps": list(Gap.objects.values_list("reason", flat=True))}))
"""


@pytest.fixture(autouse=True)
def valkey() -> None:
    """The site brings its own server."""


@pytest.fixture
def place() -> Iterator[Site]:
    with site(os.environ.get("PORTAL_TEST_DATABASE")) as made:
        yield made


def valkey_pid(place: Site) -> int:
    return int(place.python(VALKEY_PID))


def counted(place: Site) -> dict[str, Any]:
    return dict(json.loads(place.python(COUNT).splitlines()[-1]))


@dataclass
class Load:
    """Calls at an even pace until it is told to stop."""

    port: int
    token: str
    statuses: Counter[int] = field(default_factory=Counter)
    latencies: list[float] = field(default_factory=list)
    unanswered: int = 0
    stopped: threading.Event = field(default_factory=threading.Event)

    def run(self, seconds: float) -> None:
        threads = [threading.Thread(target=self._client, args=(n, seconds)) for n in range(CLIENTS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def _client(self, number: int, seconds: float) -> None:
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        text = request("POST", PATH, headers, b'{"maxResults": 1}')
        began = time.monotonic() + number / RATE
        line: socket.socket | None = None
        for turn in range(int(seconds * RATE / CLIENTS)):
            pause = began + turn * CLIENTS / RATE - time.monotonic()
            if pause > 0:
                time.sleep(pause)
            sent = time.monotonic()
            try:
                line = line or self._connect()
                line.sendall(text)
                self.statuses[_status(line)] += 1
                self.latencies.append(time.monotonic() - sent)
            except OSError:
                self.unanswered += 1
                if line:
                    line.close()
                line = None
        if line:
            line.close()

    def _connect(self) -> socket.socket:
        line = socket.create_connection(("127.0.0.1", self.port), timeout=20)
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return line


def _status(line: socket.socket) -> int:
    got = b""
    while b"\r\n\r\n" not in got:
        chunk = line.recv(65_536)
        if not chunk:
            raise ConnectionResetError
        got += chunk
    head, _, body = got.partition(b"\r\n\r\n")
    length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
    while len(body) < length:
        chunk = line.recv(65_536)
        if not chunk:
            raise ConnectionResetError
        body += chunk
    return int(head[9:12])


def p99(latencies: list[float]) -> float:
    return sorted(latencies)[len(latencies) * 99 // 100]


@contextlib.contextmanager
def running(place: Site, workers: int = 2) -> Iterator[tuple[Server, str]]:
    with served("portal.wsgi:application", place.environment, workers=workers, path="/healthz") as server:
        yield server, get_token(place, server)


def test_a_frozen_valkey_fails_no_call_and_loses_none(place: Site) -> None:
    """Row E1: 30 s at 500 calls a second, 15,000 calls, while Valkey answers nothing."""
    with running(place) as (server, token):
        calm = Load(server.port, token)
        calm.run(3)
        pid = valkey_pid(place)
        os.kill(pid, signal.SIGSTOP)
        try:
            load = Load(server.port, token)
            load.run(30)
        finally:
            os.kill(pid, signal.SIGCONT)
        found = counted(place)
    added = (p99(load.latencies) - p99(calm.latencies)) * 1000
    print(f"E1: {load.statuses}, p99 +{added:.0f} ms, drained {found['drained']} in {found['took']:.1f} s")

    assert load.statuses == Counter({200: 15_000})
    assert load.unanswered == 0
    answered = sum(load.statuses.values()) + sum(calm.statuses.values())
    assert [*found["sums"], found["log"]] == [answered] * 8
    assert found["took"] < 60


def test_two_roll_ups_killed_twenty_times_count_sixty_thousand_once(place: Site) -> None:
    """Row E3: two consumers at once, each killed ten times somewhere in its work."""
    made = json.loads(place.python(STREAM_OF_60_000))
    draw = random.Random(3)
    environment, command = {**os.environ, **place.environment}, [sys.executable, "-c", ROLL_UP]
    for _ in range(10):
        pair = [
            subprocess.Popen(command, cwd=BASE, env=environment, stdout=subprocess.PIPE) for _ in range(2)
        ]
        for worker in pair:
            assert worker.stdout is not None
            worker.stdout.readline()
        time.sleep(draw.uniform(0.02, 0.4))
        for worker in pair:
            worker.kill()
            worker.communicate()
    found = counted(place)
    print(f"E3: {found}")

    assert made == 60_000
    assert [*found["sums"], found["log"]] == [60_000] * 8
    assert found["gaps"] == []


ROLL_UP = """
import django; django.setup()
from usage import roll_up
roll_up.BATCH = 500
print(1, flush=True)
roll_up.roll_up()
"""
STREAM_OF_60_000 = """
import time, django; django.setup()
from apps.services import create_app
from portal import valkey
from portal.tenancy.services import create_tenant, create_user
from usage.event import STREAM, Call, encode
ada = create_user(tenant=create_tenant(name="Sixty", by=None), email="a@b.example", password=None, by=None)
app = create_app(name="One", description="", by=ada).app
now = time.time()
pipeline = valkey.client().pipeline(transaction=False)
for n in range(60_000):
    pipeline.xadd(STREAM, {"e": encode(Call(now - n / 1000, app.tenant_id, app.pk, "workforce", f"op{n % 20}",
        "sandbox", "POST", 200, 4000 + n % 900, 10, 20, f"r{n}"))})
print(len(pipeline.execute()))
"""


def test_web_workers_killed_again_and_again_lose_no_answered_call(place: Site) -> None:
    """Row E4, first half: every answered call is counted; calls without an answer may be."""
    with running(place, workers=4) as (server, token):
        load = Load(server.port, token)
        running_load = threading.Thread(target=load.run, args=(56,))
        running_load.start()
        killed = 0
        for _ in range(20):
            time.sleep(2.6)  # granian gives up when one of its four dies within 5.5 s of its start
            os.kill(_workers(server.process.pid)[0], signal.SIGKILL)
            killed += 1
        running_load.join()
        found = counted(place)
    answered = sum(load.statuses.values())
    print(f"E4: {killed} killed, {answered} answered, {load.unanswered} not, counted {found['log']}")

    assert killed == 20
    assert answered > 1000
    assert answered <= found["log"] <= answered + load.unanswered
    assert set(found["sums"]) == {found["log"]}


def _workers(pid: int) -> list[int]:
    """The worker processes, the one that has lived longest first."""
    children = [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    found = []
    for child in children:
        with contextlib.suppress(OSError):
            folder = Path(f"/proc/{child}")
            if b"resource_tracker" not in (folder / "cmdline").read_bytes():
                found.append((int((folder / "stat").read_text().rsplit(")", 1)[1].split()[19]), child))
    return [child for _, child in sorted(found)]
