"""Several roll-ups at once, and roll-ups that are killed: each call is counted once."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
import time
from typing import Any

import pytest
from django.db import connection, connections

from tests.usage.test_roll_up import counts, gaps
from usage import roll_up as counting
from usage.event import STREAM, encode
from usage.models import Cursor
from usage.recorder import record
from usage.roll_up import roll_up


def reachable_by_others() -> None:
    if connection.vendor == "sqlite" and connection.is_in_memory_db():
        pytest.skip("SQLite's in-memory test database has no second connection: run with --postgres")


@pytest.mark.django_db(transaction=True)
def test_two_workers_count_each_call_once(
    ada: Any, app_of: Any, call_of: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    reachable_by_others()
    monkeypatch.setattr(counting, "BATCH", 40)
    app = app_of(ada, "Payroll")
    for _ in range(1000):
        record(call_of(app))
    outcomes = []

    def work() -> None:
        while Cursor.objects.filter(read=1000).count() == 0:
            outcomes.append(roll_up())
        connections.close_all()

    workers = [threading.Thread(target=work) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(30)

    assert counts() == [1000] * 8
    assert sum(outcome.counted for outcome in outcomes) == 1000
    assert gaps() == []


WORKERS = """
import os, sys, time, django; django.setup()
from django.conf import settings; settings.DATABASES["default"]["NAME"] = os.environ["TEST_NAME"]
from usage import roll_up as r
r.BATCH = 300
count = r._count
def count_when_told(*args):
    os.read(0, 1)
    began = time.perf_counter()
    print("begun", flush=True)
    count(*args)
    print(time.perf_counter() - began, flush=True)
r._count = count_when_told
while os.read(0, 1):
    worker = os.fork()
    if not worker:
        r.roll_up()
    print(worker, flush=True)
    os.waitpid(worker, 0)
    print("gone", flush=True)
"""


@pytest.mark.load
@pytest.mark.django_db(transaction=True)
def test_workers_killed_twenty_times_count_each_call_once(
    valkey: Any, ada: Any, app_of: Any, call_of: Any
) -> None:
    """Each worker counts some batches and is killed in the next one, at a moment drawn from how long they
    took: so the kills fall in the middle on any machine, and all that is begun is less than the stream."""
    reachable_by_others()
    app = app_of(ada, "Payroll")
    pipeline = valkey.pipeline()
    for _ in range(20_000):
        pipeline.xadd(STREAM, {"e": encode(call_of(app))})
    pipeline.execute()
    place = os.environ | {
        "DJANGO_SETTINGS_MODULE": "portal.settings",
        "TEST_NAME": str(connection.settings_dict["NAME"]),
    }
    draw = random.Random(3)
    whole = late = 0
    with subprocess.Popen(
        [sys.executable, "-c", WORKERS], env=place, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0
    ) as nursery:
        for _ in range(20):
            worker = int(asked(nursery))
            for _ in range(draw.randint(1, 2)):
                assert asked(nursery) == "begun"
                took = float(said(nursery))
                whole += 300
            asked(nursery)
            time.sleep(draw.uniform(0, took))
            os.kill(worker, signal.SIGKILL)
            while said(nursery) != "gone":  # the batch was quicker than the one before
                late += 1
    half = counts()
    roll_up()

    assert late < 20
    assert whole + 300 * late <= half[0] <= whole + 300 * 20  # a kill may fall between commit and word
    assert half == [half[0]] * 8
    assert counts() == [20_000] * 8
    assert gaps() == []


def asked(nursery: Any) -> str:
    """For a worker or, when there is one, for its next batch."""
    nursery.stdin.write(b".")
    return said(nursery)


def said(nursery: Any) -> str:
    return str(nursery.stdout.readline().decode().strip())
