"""Rows E1, E3 and E4: the count stays exact while its parts are frozen, killed and doubled. Bounded.

A paced load calls a real site at 500 calls a second; what was answered is held against what was counted.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from statistics import median

import pytest

from portal.bench.gateway import get_token
from portal.bench.load import request
from portal.bench.site import Server, Site, served, site
from portal.valkey import PAUSE
from tests.usage.nursery import nursery

pytestmark = pytest.mark.load
PATH = "/sandbox/workforce/v1/search/employees"
RATE = 500  # calls a second
CLIENTS = 10
SLICE = PAUSE  # seconds: each has one call that asks whether Valkey is back, of each process

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
  "gaps": list(Gap.objects.order_by("pk").values_list("reason", flat=True))}))
"""


@pytest.fixture(autouse=True)
def valkey() -> None:
    """The site brings its own server."""


@pytest.fixture(scope="module")
def place() -> Iterator[Site]:
    with site(os.environ.get("PORTAL_TEST_DATABASE")) as made:
        yield made


@pytest.fixture(scope="module")
def token(place: Site) -> str:
    with served("portal.wsgi:application", place.environment, workers=1, path="/healthz") as server:
        return get_token(place, server)


@pytest.fixture
def before(place: Site) -> Found:
    """What earlier tests have left."""
    return counted(place)


def valkey_pid(place: Site) -> int:
    return int(place.python(VALKEY_PID))


@dataclass
class Found:
    """Calls by each of the seven tables of totals and the log; lines that came out of the spool."""

    sums: list[int]
    log: int
    drained: int
    took: float
    gaps: list[str]

    def since(self, before: Found) -> Found:
        sums = [mine - theirs for mine, theirs in zip(self.sums, before.sums, strict=True)]
        return replace(self, sums=sums, log=self.log - before.log, gaps=self.gaps[len(before.gaps) :])


def counted(place: Site) -> Found:
    return Found(**json.loads(place.python(COUNT).splitlines()[-1]))


@dataclass
class Load:
    """Calls at an even pace until it is told to stop."""

    port: int
    token: str
    statuses: Counter[int] = field(default_factory=Counter)
    latencies: list[tuple[float, float]] = field(default_factory=list)  # when it was to be sent, how long
    unanswered: int = 0

    @property
    def answered(self) -> int:
        return sum(self.statuses.values())

    def p99(self) -> float:
        return p99([took for _, took in self.latencies])

    def usual_p99(self) -> float:
        """Of the slices of SLICE seconds the middle one: a stall of the machine now and then does not show,
        what comes back in every slice does."""
        slices: dict[int, list[float]] = {}
        for sent, took in self.latencies:
            slices.setdefault(int(sent // SLICE), []).append(took)
        return median(map(p99, slices.values()))

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
                self.latencies.append((sent - began, time.monotonic() - sent))
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


def serve(place: Site, workers: int = 2) -> contextlib.AbstractContextManager[Server]:
    return served("portal.wsgi:application", place.environment, workers=workers, path="/healthz")


def test_a_frozen_valkey_fails_no_call_and_loses_none(place: Site, token: str, before: Found) -> None:
    """Row E1: 30 s at 500 calls a second, 15,000 calls, while Valkey answers nothing."""
    pid = valkey_pid(place)
    with serve(place) as server:
        calm, load = Load(server.port, token), Load(server.port, token)
        calm.run(6)
        os.kill(pid, signal.SIGSTOP)
        try:
            load.run(30)
        finally:
            os.kill(pid, signal.SIGCONT)
        found = counted(place).since(before)
    added = (load.p99() - calm.p99()) * 1000
    usually = (load.usual_p99() - calm.usual_p99()) * 1000
    print(f"E1: {load.statuses}, p99 {calm.p99() * 1000:.1f} ms, frozen {added:+.1f} ms (in most slices of")
    print(f"    {SLICE:.0f} s {usually:+.1f}); {found.drained} lines drained in {found.took:.1f} s")

    assert load.statuses == Counter({200: 15_000})
    assert load.unanswered == 0
    assert [*found.sums, found.log] == [load.answered + calm.answered] * 8
    assert found.took < 60
    assert usually < 60


def test_two_roll_ups_killed_twenty_times_count_sixty_thousand_once(place: Site, before: Found) -> None:
    """Row E3: two consumers at the same batches, each killed ten times somewhere in its work."""
    made = json.loads(place.python(STREAM_OF_60_000))
    with nursery(place.environment, batch=500, seed=3) as workers:
        for _ in range(10):
            workers.live_and_die(2, workers.draw.randint(1, 4))
    half = int(place.python(COUNTED)) - before.log
    found = counted(place).since(before)
    print(f"E3: {half} counted between the kills, {found}")

    assert made == 60_000
    assert 0 < half < 60_000
    assert [*found.sums, found.log] == [60_000] * 8
    assert found.gaps == []


COUNTED = """
import django; django.setup()
from usage.models import RequestLog
print(RequestLog.objects.count())
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


def test_web_workers_killed_again_and_again_lose_no_answered_call(
    place: Site, token: str, before: Found
) -> None:
    """Row E4, first half: every answered call is counted; calls without an answer may be."""
    with serve(place, workers=8) as server:
        load = Load(server.port, token)
        time.sleep(GRANIAN_GIVES_UP)
        with in_background(load, 20 * KILL_EVERY + 1):
            for _ in range(20):
                time.sleep(KILL_EVERY)
                os.kill(_workers(server.process.pid)[0], signal.SIGKILL)
        found = counted(place).since(before)
    print(f"E4: {load.answered} answered, {load.unanswered} not, counted {found.log}")

    assert load.answered > 1000
    assert load.answered <= found.log <= load.answered + load.unanswered
    assert set(found.sums) == {found.log}


GRANIAN_GIVES_UP = 5.5  # seconds: when a worker dies that soon after its start
KILL_EVERY = 1.2  # seconds: with eight workers, the oldest has lived longer than that


@contextlib.contextmanager
def in_background(load: Load, seconds: float) -> Iterator[None]:
    thread = threading.Thread(target=load.run, args=(seconds,))
    thread.start()
    yield
    thread.join()


def test_a_killed_valkey_loses_no_call_and_its_loss_shows(place: Site, token: str, before: Found) -> None:
    """Row E4, second half: kill -9 at 500 calls a second, and its last half second never reached the disk."""
    pid = valkey_pid(place)
    with contextlib.ExitStack() as stack:
        server = stack.enter_context(serve(place))
        load = Load(server.port, token)
        with in_background(load, 8):
            time.sleep(3)
            program, folder = (Path(os.readlink(f"/proc/{pid}/{name}")) for name in ("exe", "cwd"))
            os.kill(pid, signal.SIGKILL)
            lost = cut_the_end_off(folder, calls=RATE // 2)
            time.sleep(0.5)
            anew = subprocess.Popen([program, "valkey.conf"], cwd=folder, stdout=subprocess.DEVNULL)
            stack.callback(anew.wait)
            stack.callback(anew.terminate)
        found = counted(place).since(before)
    print(
        f"E4: {lost} confirmed calls lost, {load.statuses} answered, counted {found.log}, gaps {found.gaps}"
    )

    assert lost >= RATE // 2
    assert load.statuses == Counter({200: 8 * RATE})
    assert [*found.sums, found.log] == [load.answered] * 8
    assert found.gaps == ["restarted"]


def cut_the_end_off(folder: Path, calls: int) -> int:
    """As after a loss of power. Returns how many calls those were."""
    [file] = folder.glob("appendonlydir/*.incr.aof")
    text = file.read_bytes()
    end = len(text)
    for _ in range(calls):
        end = text.rindex(b"XADD", 0, end)
    file.write_bytes(text[:end])
    return text.count(b"XADD", end)


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
