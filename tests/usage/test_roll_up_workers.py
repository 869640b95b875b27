"""Several roll-ups at once, and roll-ups that are killed: each call is counted once."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from django.db import connection, connections

from tests.usage.nursery import nursery
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


@pytest.mark.load
@pytest.mark.django_db(transaction=True)
def test_workers_killed_twenty_times_count_each_call_once(
    valkey: Any, ada: Any, app_of: Any, call_of: Any
) -> None:
    reachable_by_others()
    app = app_of(ada, "Payroll")
    pipeline = valkey.pipeline()
    for _ in range(20_000):
        pipeline.xadd(STREAM, {"e": encode(call_of(app))})
    pipeline.execute()
    place = {
        "DJANGO_SETTINGS_MODULE": "portal.settings",
        "TEST_NAME": str(connection.settings_dict["NAME"]),
    }
    whole = late = 0
    with nursery(place, batch=300, seed=3) as workers:
        for _ in range(20):
            before, after = workers.live_and_die(1, workers.draw.randint(1, 2))
            whole, late = whole + before, late + after
    half = counts()
    roll_up()

    assert late < 20  # most were cut short
    assert 300 * (whole + late) <= half[0] <= 300 * (whole + 20)  # a kill may fall between commit and word
    assert half == [half[0]] * 8
    assert counts() == [20_000] * 8
    assert gaps() == []
