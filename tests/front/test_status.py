"""The status page: what it asks, and what it says when something is away."""

from __future__ import annotations

import time

import pytest
from django.db import DatabaseError

from portal.front import checks, tasks, vitals
from portal.front.checks import Finding, State


@pytest.fixture(autouse=True)
def _fresh():
    checks.forget()
    yield
    checks.forget()


def states():
    return {line.name: line.finding.state for line in checks.ask().lines}


def test_everything_works(client, workforce, valkey):
    tasks.heartbeat()

    assert states() == dict.fromkeys(
        ("database", "valkey", "workers", "usage", "gateway", "sandbox"), State.OK
    )
    assert b"Everything works" in client.get("/status/").content
    answer = client.get("/status.json").json()
    assert answer["status"] == "ok"
    assert {line["name"] for line in answer["checks"]} == set(states())


@pytest.mark.parametrize(("silent", "state"), [(10, State.OK), (60, State.SLOW), (300, State.AWAY)])
def test_workers_are_known_by_their_last_sign_of_life(workforce, valkey, silent, state):
    valkey.set(vitals.HEARTBEAT, time.time() - silent)

    assert states()["workers"] is state


def test_without_a_heartbeat_the_workers_count_as_away(workforce, valkey):
    assert states()["workers"] is State.AWAY


@pytest.mark.parametrize(("waited", "state"), [(5, State.OK), (100, State.SLOW), (2000, State.AWAY)])
def test_counting_is_judged_by_the_oldest_call_that_waits(workforce, valkey, waited, state):
    from usage.event import STREAM

    valkey.xadd(STREAM, {"e": b"x"}, id=f"{int((time.time() - waited) * 1000)}-0")

    assert states()["usage"] is state


def test_a_call_that_was_counted_waits_no_more(workforce, valkey):
    from usage.event import STREAM
    from usage.models import Cursor

    number = valkey.xadd(STREAM, {"e": b"x"}, id=f"{int((time.time() - 5000) * 1000)}-0").decode()
    Cursor.objects.create(stream=STREAM, position=number)

    assert states()["usage"] is State.OK


def test_a_gateway_that_answers_wrongly_is_told(workforce, valkey, monkeypatch):
    from catalog import vitals as catalogs

    monkeypatch.setattr(catalogs, "_call", lambda path: 500)

    assert states()["gateway"] is State.AWAY


def test_what_hangs_on_something_away_is_not_asked(monkeypatch, valkey, db):
    asked = []
    monkeypatch.setattr(checks, "_checks", {})
    checks.register("database", "Database", lambda: Finding(State.AWAY, "x"))
    checks.register("page", "Pages", lambda: asked.append(1), needs="database")
    line = checks.ask().lines[1]

    assert asked == []
    assert (line.finding.state, line.finding.words) == (
        State.AWAY,
        "Cannot be told while “Database” does not work.",
    )


def test_a_probe_that_raises_counts_as_away_and_says_nothing(monkeypatch, client, valkey, db):
    def broken():
        raise RuntimeError("canary hunter2")

    monkeypatch.setattr(checks, "_checks", {})
    checks.register("x", "Part", broken)
    page = client.get("/status/").content.decode()

    assert "Something does not work" in page
    assert "hunter2" not in page


def test_the_page_answers_without_a_database(monkeypatch, client, ada, valkey):
    client.force_login(ada)
    monkeypatch.setattr("portal.front.views.render", _no_database)
    page = client.get("/status/")

    assert page.status_code == 200
    assert b"Database" in page.content


def _no_database(*_):
    raise DatabaseError


def test_many_readers_ask_once(monkeypatch, db, valkey):
    asked = []
    monkeypatch.setattr(checks, "_checks", {})
    checks.register("x", "Part", lambda: asked.append(1) or Finding(State.OK, ""))
    for _ in range(5):
        checks.status()

    assert asked == [1]
