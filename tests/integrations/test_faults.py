"""A sync that is broken off at every named place, and taken up again."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from django.utils import timezone

from integrations import failpoints
from integrations.engine import reading, syncing, writing
from integrations.services.syncing import start_sync
from integrations.simulators.switches import Fault
from portal.runs import services as runs
from portal.runs.models import Run, State
from tests.integrations.conftest import sync, told, work_off

pytestmark = pytest.mark.django_db
PLACES = {"reading": reading, "syncing": syncing, "writing": writing}


def fail_at(monkeypatch, wanted, error):
    """Once; also inside whatever module the place is in."""
    left = [1]

    def point(name):
        if name == wanted and left:
            left.pop()
            raise error

    for module in PLACES.values():
        monkeypatch.setattr(module, "failpoint", point)
    return left


def again():
    Run.objects.filter(state="queued").update(resume_at=None)
    work_off()


@pytest.mark.load
@pytest.mark.parametrize("place", failpoints.NAMES)
def test_an_exception_anywhere_loses_and_doubles_nothing(ready, wfm, monkeypatch, place):
    left = fail_at(monkeypatch, place, failpoints.Failpoint(place))
    started = start_sync(integration=ready, by=None)
    work_off()
    again()
    done = told(started)

    assert left == []
    assert done.run.state == State.DONE
    assert len(wfm.applied) == 24
    assert wfm.duplicates() == []


@pytest.mark.parametrize("place", failpoints.NAMES)
def test_a_worker_that_vanishes_anywhere_is_replaced(ready, wfm, monkeypatch, place):
    """As after kill -9: nothing of its own clean-up happens, and the reaper finds the run silent."""

    class Vanished(BaseException):
        pass

    left = fail_at(monkeypatch, place, Vanished())
    started = start_sync(integration=ready, by=None)
    with pytest.raises(Vanished):
        work_off()
    assert told(started).run.state == State.RUNNING
    Run.objects.update(beat_at=timezone.now() - timedelta(seconds=11))
    assert runs.reap() == 1
    work_off()
    done = told(started)

    assert left == []
    assert done.run.state == State.DONE
    assert len(wfm.applied) == 24
    assert wfm.duplicates() == []


def test_a_stalled_worker_writes_no_more(ready, wfm, monkeypatch):
    """As after SIGSTOP: its lease runs out between the mark and the write, another one finishes."""
    started = start_sync(integration=ready, by=None)
    stalled = [1]

    def stall(name):
        if name == "marked_sending" and stalled:
            stalled.pop()
            Run.objects.update(beat_at=timezone.now() - timedelta(seconds=11))
            runs.reap()
            work_off()  # another worker

    monkeypatch.setattr(writing, "failpoint", stall)
    work_off()

    assert told(started).run.state == State.DONE
    assert len(wfm.applied) == 24
    assert wfm.duplicates() == []
    assert len([one for one in wfm.calls if one[0] == "PUT"]) == 1


def test_work_that_always_fails_becomes_a_visible_end(ready, monkeypatch):
    def point(name):
        raise failpoints.Failpoint(name)

    monkeypatch.setattr(reading, "failpoint", point)
    started = start_sync(integration=ready, by=None)
    for _ in range(6):
        again()
    done = told(started)

    assert done.run.state == State.FAILED
    assert done.run.message == runs.BUG
    syncing.settle_ended()
    assert told(started).sync.phase == "end"


@pytest.mark.load
@pytest.mark.parametrize(
    "fault",
    [
        Fault("status", "calculator", status=500),
        Fault("html", "calculator"),
        Fault("truncated", "calculator"),
        Fault("reset", "calculator"),
        Fault("status", "calculator", status=429, headers={"Retry-After": "60"}),
        Fault("status", "calculator", status=503),
        Fault("empty", "calculator"),
        Fault("redirect", "calculator"),
        Fault("status", "calculator", status=403),
        Fault("status", "calculator", status=401),
        Fault("status", "calculator", status=404),
        Fault("html", "/types"),
        Fault("status", "/types", status=500),
        Fault("short", "/datasets/"),
        Fault("html", "/datasets/"),
        Fault("error_inside", "/datasets/"),
    ],
    ids=lambda fault: f"{fault.path} {fault.kind} {fault.status}",
)
def test_a_lying_provider_zeroes_nothing_and_unlinks_nobody(ready, bamboo, wfm, fault):
    sync(ready)
    before, links = dict(wfm.balances), ready.links.count()
    bamboo.board.faults = [fault]
    done = sync(ready)

    assert wfm.balances == before
    assert ready.links.count() == links
    assert done.run.state != State.RUNNING
    assert done.run.state in (State.QUEUED, State.FAILED, State.DONE)


def test_some_who_fail_do_not_hold_up_the_others(ready, bamboo, company, wfm):
    bamboo.board.faults = [Fault("html", f"/{number}/") for number in ("103", "107")]
    done = sync(ready)

    assert done.run.state == State.PARTIAL
    assert done.run.message == "Balances: 20 created, 4 failed."
    assert len(wfm.applied) == 20


def test_a_storm_of_refusals_is_met_with_silence(ready, bamboo, wfm):
    """Four are on their way when the window closes; within it nobody asks, and the run waits elsewhere."""
    storm = Fault("status", "calculator", status=429, headers={"Retry-After": "60"})
    bamboo.board.faults = [storm]
    done = sync(ready)

    assert done.run.state == State.QUEUED
    assert (done.run.resume_at - timezone.now()).total_seconds() > 50
    assert len(bamboo.board.asked("calculator")) <= 5 + 4  # those of the set-up's sample included
    work_off()
    assert len(bamboo.board.asked("calculator")) <= 5 + 4


def test_a_provider_that_stays_away_is_given_up_in_the_end(ready, bamboo):
    bamboo.board.faults = [Fault("status", "/types", status=503, headers={"Retry-After": "60"})]
    started = start_sync(integration=ready, by=None)
    for _ in range(12):
        again()

    done = told(started)
    assert done.run.state == State.FAILED
    assert "gone on for too long" in done.run.message


def test_disabling_stops_a_running_sync(ready, ada, wfm, monkeypatch):
    from integrations.services import ending

    def disable(name):
        if name == "marked_sending":
            ending.disable(integration=ready, by=ada)

    monkeypatch.setattr(writing, "failpoint", disable)
    done = sync(ready)

    assert done.run.state == State.FAILED
    assert done.run.message == "The integration was disabled."
    assert len(wfm.applied) <= 24
    assert threading.active_count() < 40


def test_a_long_sync_is_handed_on_from_turn_to_turn(ready, bamboo, wfm, monkeypatch, rung):
    from integrations.engine import step

    monkeypatch.setattr(step, "TURN", -1.0)
    monkeypatch.setattr(reading, "BATCH", 4)
    bamboo.board.ledger.clear()
    rung.clear()
    started = start_sync(integration=ready, by=None)
    for _ in range(3):
        runs.perform(started.run_id, syncing.work)
        assert told(started).run.state == State.QUEUED
    monkeypatch.setattr(step, "TURN", 60.0)
    work_off()

    assert told(started).run.state == State.DONE
    assert rung == [started.run_id] * 3
    assert len(wfm.applied) == 24
    assert wfm.duplicates() == []
    assert len(bamboo.board.asked("calculator")) <= 12 + 2 * 4  # what was asked ahead is asked again


def test_an_integration_that_is_deleted_under_a_sync_ends_quietly(ready, ada, wfm, monkeypatch):
    from integrations.services import ending

    def delete(name):
        if name == "balances_read":
            ending.delete_integration(integration=ready, by=ada)

    monkeypatch.setattr(reading, "failpoint", delete)
    start_sync(integration=ready, by=None)
    work_off()

    assert Run.objects.count() == 0
    assert wfm.applied == []
