"""A frozen or restarted Valkey: one call of a process finds out, the others go on."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from portal import turn
from portal import valkey as line

PATIENCE = 0.2


@pytest.fixture
def frozen(valkey: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(line, "PATIENCE", PATIENCE)
    pid = valkey.info("server")["process_id"]
    line.hang_up()
    os.kill(pid, signal.SIGSTOP)
    yield
    os.kill(pid, signal.SIGCONT)


def ask() -> bool:
    try:
        line.command("PING")
    except line.Away:
        return False
    return True


def in_threads(count: int, calls: int) -> list[tuple[float, bool]]:
    """How long each call took from when it wanted the turn, and whether Valkey answered."""
    found: list[tuple[float, bool]] = []

    def work(environ: dict[str, Any], start: Any) -> list[bytes]:
        environ["answer"] = ask()
        return []

    application = turn.in_turn(work)

    def call() -> None:
        for _ in range(calls):
            environ: dict[str, Any] = {}
            began = time.monotonic()
            application(environ, print)
            found.append((time.monotonic() - began, environ["answer"]))

    threads = [threading.Thread(target=call) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def test_one_wait_stands_for_every_thread(frozen: None) -> None:
    began = time.monotonic()
    found = in_threads(8, 20)

    assert {answered for _, answered in found} == {False}
    assert PATIENCE <= time.monotonic() - began < 3 * PATIENCE  # eight waits would be eight times that


def test_only_the_call_that_asks_again_waits(frozen: None, monkeypatch: pytest.MonkeyPatch) -> None:
    assert not ask()
    monkeypatch.setattr(line, "_away_until", time.monotonic())  # the pause is over

    found = in_threads(8, 20)

    assert len([took for took, _ in found if took >= PATIENCE]) == 1
    assert sorted(took for took, _ in found)[-2] < PATIENCE


def test_lines_that_broke_together_are_opened_anew_without_another_pause(valkey: Any) -> None:
    assert ask()
    hold, seen = threading.Barrier(2), []

    def other() -> None:
        seen.append(ask())
        hold.wait()
        hold.wait()
        seen.append(ask())

    thread = threading.Thread(target=other)
    thread.start()
    hold.wait()
    valkey.client_kill_filter(_type="normal", skipme=True)
    assert not ask()
    line.hang_up()  # the pause is over
    assert ask()
    hold.wait()
    thread.join()

    assert seen == [True, True]


def test_the_server_is_known_by_its_run(valkey: Any) -> None:
    assert ask()

    assert line.run == valkey.info("server")["run_id"]
