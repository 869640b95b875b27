"""Runs that another worker can take up again."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from portal.runs import services
from portal.runs.models import Run, State

pytestmark = pytest.mark.django_db


@pytest.fixture
def rung(monkeypatch):
    told = []
    monkeypatch.setitem(services._resumable, "steps", told.append)
    return told


@pytest.fixture
def run(ada, rung):
    return services.queue(tenant=ada.tenant, kind="steps", subject="x", by=ada)


def silent(seconds):
    Run.objects.update(beat_at=timezone.now() - timedelta(seconds=seconds))


def test_a_silent_worker_is_replaced_after_ten_seconds(run, rung):
    def work(progress):
        progress.report(1, 5)
        silent(9)
        assert services.reap() == 0
        silent(11)
        assert services.reap() == 1
        with pytest.raises(services.Lost):
            progress.report(2, 5)
        raise services.Lost

    services.perform(run.pk, work)
    run.refresh_from_db()
    assert (run.state, run.done, run.attempts, rung) == (State.QUEUED, 1, 1, [run.pk])
    services.perform(run.pk, lambda progress: progress.report(5, 5))
    run.refresh_from_db()
    assert (run.state, run.attempts) == (State.DONE, 0)


def test_progress_forgives_and_standing_still_does_not(run):
    for turn in range(10):
        services.perform(run.pk, lambda progress, turn=turn: progress.report(turn + 1, 99))
        Run.objects.update(state="running", ended=None)
        silent(11)
        services.reap()
        assert Run.objects.get().state == State.QUEUED
        Run.objects.update(resume_at=None)
    for _ in range(4):
        Run.objects.filter(state="queued").update(state="running")
        silent(11)
        services.reap()
    assert Run.objects.get().state == State.FAILED


def test_a_pause_waits_for_its_moment(run, rung):
    later = timezone.now() + timedelta(minutes=3)

    def pause(progress):
        raise services.Pause("Slowly.", until=later)

    services.perform(run.pk, pause)
    run.refresh_from_db()
    assert (run.state, run.message, run.resume_at, rung) == (State.QUEUED, "Slowly.", later, [])
    services.perform(run.pk, lambda progress: pytest.fail("too early"))
    assert services.reap() == 0
    assert rung == []
    Run.objects.update(resume_at=timezone.now())
    Run.objects.update(created=timezone.now() - timedelta(minutes=1))
    services.reap()
    assert rung == [run.pk]


def test_a_turn_that_is_over_rings_the_next_worker_at_once(run, rung):
    def pause(progress):
        raise services.Pause

    services.perform(run.pk, pause)
    assert rung == [run.pk]


def test_a_doorbell_that_the_broker_lost_is_rung_again_but_not_all_the_time(run, rung):
    services.reap()
    assert rung == []
    Run.objects.update(created=timezone.now() - timedelta(seconds=30))
    for _ in range(5):
        services.reap()
    assert rung == [run.pk]
    silent(11)
    services.reap()
    assert rung == [run.pk, run.pk]


def test_a_held_run_goes_on_once(run, rung, ada):
    services.perform(run.pk, lambda progress: services.End(State.HELD, "Really?"))
    run.refresh_from_db()
    assert (run.state, run.message, run.is_live) == (State.HELD, "Really?", False)
    services.release(run=run)
    with pytest.raises(services.RunError):
        services.release(run=run)
    services.perform(run.pk, lambda progress: None)
    run.refresh_from_db()
    assert run.state == State.DONE


def test_a_held_run_does_not_push_a_live_one_aside(run, rung, ada):
    services.perform(run.pk, lambda progress: services.End(State.HELD))
    services.queue(tenant=ada.tenant, kind="steps", subject="x", by=ada)

    with pytest.raises(services.AlreadyRunning):
        services.release(run=run)


def test_stopped_from_outside_the_worker_writes_no_more(run):
    def work(progress):
        services.stop(run_ids=[run.pk], message="Disabled.")
        progress.report(1, 1)

    services.perform(run.pk, work)
    run.refresh_from_db()
    assert (run.state, run.message, run.done) == (State.FAILED, "Disabled.", 0)
