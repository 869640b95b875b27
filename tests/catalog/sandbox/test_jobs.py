"""Work that goes on after the answer: step by step, once, whatever happens to the messenger."""

from __future__ import annotations

from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

import orjson
import pytest
from django.utils import timezone

from catalog import bundled
from catalog.models import SandboxJob
from catalog.sandbox import doorbell, engine, jobs
from catalog.sandbox.jobs import Work
from catalog.sandbox.services import reset
from catalog.services import publish

DOCUMENT = {
    "openapi": "3.1.0",
    "info": {"title": "Toys", "version": "1"},
    "paths": {"/toys": {"get": {"responses": {"200": {"description": "Fine."}}}}},
    "x-sandbox": {
        "collections": {"toys": {"key": "id"}},
        "jobs": {"break_it": {"collection": "toys", "failed": {"state": "broken"}}},
    },
}


def build(work: Work) -> float | None:
    row = dict(work.state.get("toys", work.key) or {})
    work.state.put("toys", {**row, "state": ["started", "painted", "built"][work.step]})
    return None if work.step == 2 else 0.0


def break_it(work: Work) -> float | None:
    work.state.put("toys", {"id": work.key, "state": "half done"})
    raise ValueError


@pytest.fixture
def rows(northwind, monkeypatch):
    handlers: Any = SimpleNamespace(build=build, break_it=break_it)
    modules = {"handlers": handlers, "seed": SimpleNamespace(rows=lambda today: {"toys": [{"id": "t1"}]})}
    monkeypatch.setattr(bundled, "module", lambda slug, name: modules[name])
    publish(slug="toys", source=orjson.dumps(DOCUMENT), by=None)
    keys = engine.collections(DOCUMENT)
    return engine.store(tenant_id=northwind.pk, api="toys", keys=keys, today=date(2026, 11, 3))


def start(rows, name="build", **more):
    rows.write(lambda draft: draft.later(name, "t1", **more))
    return SandboxJob.objects.get().pk


def state(rows):
    return rows.snapshot(rows.version()).get("toys", "t1").get("state")


def test_a_job_goes_step_by_step_and_leaves_nothing_behind(rows):
    job, seen = start(rows), []
    while SandboxJob.objects.exists():
        jobs.work(job)
        seen.append(state(rows))

    assert seen == ["started", "painted", "built"]


def test_a_step_told_twice_is_done_once(rows, monkeypatch):
    job = start(rows)
    first = SandboxJob.objects.get()
    jobs.work(job)
    steps = []
    # The second worker read the job before the first had finished its step.
    rows.write(lambda draft: jobs._do(first, lambda work: steps.append(work), draft))

    assert (steps, state(rows)) == ([], "started")


def test_work_waits_for_its_time(rows):
    job = start(rows, after=30.0)
    jobs.work(job)

    assert state(rows) is None
    assert SandboxJob.objects.get().step == 0


def test_a_call_that_is_refused_starts_nothing(rows):
    def refused(draft):
        draft.later("build", "t1")
        raise LookupError

    with pytest.raises(LookupError):
        rows.write(refused)
    assert not SandboxJob.objects.exists()


def test_a_job_that_keeps_failing_is_given_up_and_its_row_says_so(rows, caplog):
    job = start(rows, "break_it")
    for expected in (None, None, "broken"):
        SandboxJob.objects.update(due=timezone.now())
        jobs.work(job)
        assert state(rows) == expected

    assert not SandboxJob.objects.exists()
    assert [record.message for record in caplog.records] == [
        f"sandbox_job_failed job={job} name=break_it kind=ValueError"
    ] * 3


def test_a_ring_that_nobody_heard_is_repeated(rows, monkeypatch):
    job, rung = start(rows), []
    monkeypatch.setattr(doorbell.current_app, "send_task", lambda name, args, **more: rung.append(args))

    assert doorbell.sweep() == 0
    SandboxJob.objects.update(due=timezone.now() - timedelta(seconds=30))
    assert doorbell.sweep() == 1
    assert rung == [[job]]


def test_the_worker_is_rung_after_the_commit(rows, monkeypatch, django_capture_on_commit_callbacks):
    rung: list[Any] = []
    monkeypatch.setattr(
        doorbell.current_app, "send_task", lambda name, args, countdown: rung.append((name, args, countdown))
    )
    with django_capture_on_commit_callbacks() as callbacks:
        job = start(rows, after=2.0)
    assert rung == []
    callbacks[0]()

    assert rung == [("catalog.tasks.work_on_sandbox_job", [job], 2.0)]


def test_a_reset_ends_what_was_under_way(rows, northwind):
    job = start(rows)
    reset(tenant=northwind, api="toys", by=None)
    jobs.work(job)

    assert (SandboxJob.objects.count(), state(rows)) == (0, None)


def test_a_job_changes_nothing_of_another_tenant(rows, northwind, contoso):
    keys = engine.collections(DOCUMENT)
    theirs = engine.store(tenant_id=contoso.pk, api="toys", keys=keys, today=date(2026, 11, 3))
    before = theirs.version()
    jobs.work(start(rows))

    assert (state(rows), state(theirs), theirs.version()) == ("started", None, before)
