"""A company in a simulated HR system, a workforce API with a ledger, and an integration of the two."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from integrations.engine import looking, syncing
from integrations.models import Sync
from integrations.services import connecting, mapping, people, scheduling
from integrations.services.syncing import start_sync
from integrations.simulators.bamboohr import Simulator
from integrations.simulators.company import Company
from portal.runs.models import Run
from portal.runs.services import perform
from tests.integrations.wfm import Wfm

KEY = "k" * 36 + "beef"


@pytest.fixture
def company() -> Company:
    """Twelve people; each has 78 Vacation (days), 79 Sick and 80 Flex time (hours), 81 Unpaid (unlimited)."""
    made = Company("northwind", KEY, "Northwind HR")
    for number in range(12):
        made.add(f"First{number}", f"Last{number}", f"person{number}@example.com")
    return made


@pytest.fixture
def bamboo(company: Company, settings: Any) -> Iterator[Simulator]:
    with Simulator([company]) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        settings.BAMBOOHR_URL = server.address
        settings.PRIVATE_ORIGINS = [f"http://127.0.0.1:{server.port}"]
        yield server
        server.shutdown()


@pytest.fixture
def wfm(company: Company, settings: Any) -> Iterator[Wfm]:
    """The same twelve people with accounts 1 Vacation (days), 2 Sick leave and 4 In lieu (hours)."""
    with Wfm() as server:
        for one in company.employees:
            server.add(one["firstName"], one["lastName"], one["email"])
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        settings.INTERNAL_URL = server.url
        yield server
        server.shutdown()


@pytest.fixture(autouse=True)
def rung(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Which runs a worker was told of; nobody works but the test itself."""
    from integrations import tasks

    told: list[int] = []
    for task in (tasks.sync, tasks.read):
        monkeypatch.setattr(task, "delay", told.append)
    return told


@pytest.fixture
def account() -> connecting.Account:
    return connecting.Account("bamboohr", "northwind", KEY)


@pytest.fixture
def read(ada: Any, bamboo: Simulator, wfm: Wfm, account: connecting.Account) -> Any:
    """An integration that is connected, with both sides read."""
    made = connecting.create_integration(account=account, company="Northwind HR", by=ada)
    work_off()
    made.refresh_from_db()
    return made


@pytest.fixture
def ready(read: Any, ada: Any) -> Any:
    """An integration that is set up: Vacation in days, Sick in hours, everybody mapped."""
    pairs = [
        mapping.Pair("78", "1", "days", read.hours_per_day),
        mapping.Pair("79", "2", "hours", read.hours_per_day),
    ]
    mapping.save_mappings(integration=read, pairs=pairs, by=ada)
    people.confirm_people(integration=read, by=ada)
    scheduling.save_schedule(integration=read, interval=None, start=None, by=ada)
    read.refresh_from_db()
    return read


def work_off() -> None:
    """Does what a worker would: every queued run, and those that are to be gone on with at once."""
    for _ in range(20):
        waiting = Run.objects.filter(state="queued", resume_at=None).first()
        if waiting is None:
            return
        perform(waiting.pk, {"hris.sync": syncing.work, "hris.read": looking.look}[waiting.kind])


def sync(integration: Any, by: Any = None, **more: Any) -> SimpleNamespace:
    """Runs one sync to its end or pause; the run, the sync and its records."""
    started = start_sync(integration=integration, by=by, **more)
    work_off()
    return told(started)


def told(started: Sync) -> SimpleNamespace:
    found = Sync.objects.select_related("run").get(pk=started.pk)
    return SimpleNamespace(sync=found, run=found.run, records=list(found.records.order_by("pk")))
