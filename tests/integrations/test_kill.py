"""Real workers, killed outright, hung, stopped and replaced: no balance is lost, none is written twice.

By default a few rounds; PORTAL_TEST_KILLS=all does every place, three kinds of faults and 20 random kills.
"""

from __future__ import annotations

import itertools
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from integrations import failpoints
from portal.environment import BASE
from tests.integrations.driver import stage
from tests.integrations.sweep import processes

pytestmark = pytest.mark.load
PEOPLE = 200
IS_FULL = os.environ.get("PORTAL_TEST_KILLS") == "all"
FAULTS = list(itertools.product(failpoints.NAMES, ("kill", "raise", "hang")))
if not IS_FULL:
    FAULTS = [("plan_kept", "kill"), ("marked_sending", "kill"), ("sent", "hang")]
RANDOM_KILLS = 20 if IS_FULL else 2


@pytest.fixture(autouse=True)
def valkey() -> None:
    """The site brings its own server."""


@pytest.fixture(scope="module", params=["postgres", "sqlite"] if IS_FULL else ["sqlite"])
def place(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("kill")
    with stage(PEOPLE, folder, latency=0.02, database=request.param) as made:
        yield made


def start(place, number: int, failpoint: str = ""):
    place.change_everything(number)
    place.wfm.applied.clear()
    worker = place.worker(failpoint=failpoint)
    place.start_sync()
    return worker


def is_over(place) -> bool:
    return place.run()[0] in ("done", "partial", "failed", "held")


def check(place) -> None:
    state, _, message = place.run()
    assert state == "done", message
    assert place.wfm.duplicates() == []
    assert len(place.wfm.applied) == 3 * PEOPLE
    assert processes(place.place.folder, "celery") == []


numbers = itertools.count(60, 60)


@pytest.mark.parametrize(("name", "kind"), FAULTS)
def test_a_fault_at_a_named_place(place, tmp_path, name, kind):
    worker = start(place, next(numbers), f"{name}:{kind}:{tmp_path}")
    mark = tmp_path / name
    place.wait(mark.exists, 40)
    began, fence = time.monotonic(), place.run()[1]
    if kind == "kill":
        worker.wait(5)
        place.worker()
    place.wait(lambda: (place.run()[1] > fence and place.run()[0] == "running") or is_over(place), 60)
    resumed = time.monotonic() - began
    place.wait(lambda: is_over(place), 60)
    print(f"\n{name} {kind}: resumed after {resumed:.1f} s, over after {time.monotonic() - began:.1f} s")
    place.stop()
    check(place)
    assert resumed < 60


@pytest.mark.parametrize("turn", range(RANDOM_KILLS))
def test_a_kill_at_any_moment(place, turn):
    worker = start(place, next(numbers))
    place.wait(lambda: place.run()[0] == "running", 40)
    time.sleep(random.Random(turn).uniform(0, 1.3))
    was_over = is_over(place)
    place.kill(worker)
    began, fence = time.monotonic(), place.run()[1]
    place.worker()
    place.wait(lambda: place.run()[1] > fence or is_over(place), 60)
    resumed = time.monotonic() - began
    place.wait(lambda: is_over(place), 60)
    print(f"\nrandom {turn}: {'was over' if was_over else f'resumed after {resumed:.1f} s'}")
    place.stop()
    check(place)


def test_a_worker_that_stood_still_writes_nothing_when_it_wakes(place):
    """SIGSTOP past the lease, another worker finishes, SIGCONT."""
    worker = start(place, next(numbers))
    place.wait(lambda: place.run()[0] == "running", 40)
    time.sleep(0.6)
    place.kill(worker, signal.SIGSTOP)
    place.worker()
    place.wait(lambda: is_over(place), 60)
    written = len(place.wfm.applied)
    place.kill(worker, signal.SIGCONT)
    time.sleep(4)
    place.stop()
    check(place)
    assert len(place.wfm.applied) == written


def test_a_broker_that_forgets_everything(place):
    """FLUSHALL before the pick-up: the row is the truth, the reaper rings again."""
    import redis

    place.change_everything(next(numbers))
    place.wfm.applied.clear()
    place.start_sync()
    redis.Redis.from_url(place.environment["REDIS_URL"]).flushall()
    place.worker()
    took = place.wait(lambda: is_over(place), 60)
    print(f"\nflushed before the pick-up: over after {took:.1f} s")
    place.stop()
    check(place)


CUT_OFF = """
import time
from pathlib import Path
from tests.integrations.driver import stage
with stage(1, Path("{folder}"), database="sqlite") as made:
    made.worker()
    print(made.place.folder, flush=True)
    time.sleep(60)
"""


def test_a_test_that_is_cut_off_leaves_nothing_behind(tmp_path):
    script = CUT_OFF.replace("{folder}", str(tmp_path))
    child = subprocess.Popen([sys.executable, "-c", script], cwd=BASE, stdout=subprocess.PIPE, text=True)
    with child.stdout:
        folder = Path(child.stdout.readline().strip())
    ends = time.monotonic() + 20
    while len(processes(folder, "celery")) < 2:  # worker and scheduler
        assert time.monotonic() < ends
        time.sleep(0.1)
    child.kill()
    child.wait(5)
    ends = time.monotonic() + 10
    while processes(folder) or folder.exists():
        assert time.monotonic() < ends, processes(folder)
        time.sleep(0.1)
