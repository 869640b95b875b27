"""Background work: one live run per subject, one worker per run, an end for every run."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from portal.runs import services
from portal.runs.models import Run, State

pytestmark = pytest.mark.django_db


@pytest.fixture
def rung():
    return []


@pytest.fixture
def run(ada, rung, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        return services.queue(tenant=ada.tenant, kind="sync", subject="x 1", ring=rung.append, by=ada)


def test_queue_rings_the_worker_after_the_commit(run, rung):
    assert rung == [run.pk]
    assert run.state == State.QUEUED


def test_a_second_run_of_the_same_subject_is_refused_and_shown_the_first(run, ada, rung):
    with pytest.raises(services.AlreadyRunning) as refused:
        services.queue(tenant=ada.tenant, kind="sync", subject="x 1", ring=rung.append, by=ada)

    assert refused.value.run == run
    assert rung == [run.pk]


def test_another_tenant_may_run_the_same(run, mallory, rung):
    services.queue(tenant=mallory.tenant, kind="sync", subject="x 1", ring=rung.append, by=mallory)

    assert Run.objects.count() == 2


def test_perform_reports_and_ends(run):
    def work(progress):
        progress.report(1, 3)
        return "Three people were updated."

    services.perform(run.pk, work)
    run.refresh_from_db()

    assert (run.state, run.done, run.total, run.message) == (State.DONE, 1, 3, "Three people were updated.")


def test_a_task_delivered_twice_works_once(run):
    worked = []
    for _ in range(2):
        services.perform(run.pk, worked.append)

    assert len(worked) == 1


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (services.RunError("The key was refused."), "The key was refused."),
        (
            ValueError("secret wdps_live_x"),
            "Something went wrong on our side. Try again; if it happens again, tell support.",
        ),
    ],
    ids=["ours", "a bug"],
)
def test_a_fault_ends_the_run_with_a_sentence(run, fault, said):
    def work(progress):
        raise fault

    services.perform(run.pk, work)
    run.refresh_from_db()

    assert (run.state, run.message) == (State.FAILED, said)
    assert run.ended is not None


def test_the_reaper_ends_what_lost_its_worker_and_the_worker_writes_no_more(run):
    def work(progress):
        Run.objects.filter(pk=run.pk).update(beat_at=timezone.now() - timedelta(seconds=61))
        assert services.reap() == 1
        progress.report(2, 3)

    services.perform(run.pk, work)
    run.refresh_from_db()

    assert (run.state, run.done) == (State.FAILED, 0)
    assert run.message == "The worker stopped before it was finished. Start it again."


def test_the_reaper_leaves_a_living_run_alone(run):
    def work(progress):
        progress.report(1, 2)
        assert services.reap() == 0

    services.perform(run.pk, work)

    assert Run.objects.get().state == State.DONE


def test_done_never_passes_total(run):
    from django.db import IntegrityError, transaction

    with pytest.raises(IntegrityError), transaction.atomic():
        Run.objects.update(done=2, total=1)


def test_the_status_partial_polls_while_the_run_lives(client, run, ada):
    client.force_login(ada)
    address = reverse("runs:status", args=[run.pk])
    assert b'hx-trigger="every 2s"' in client.get(address).content

    services.perform(run.pk, lambda progress: progress.report(1, 2))

    page = client.get(address).content.decode()
    assert "hx-get" not in page
    assert '<progress max="2" value="1">' in page
