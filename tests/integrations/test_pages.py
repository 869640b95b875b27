"""The pages of the set-up, as a person goes through them."""

from __future__ import annotations

import re

import pytest
from django.urls import reverse

from integrations.models import Integration, Link
from tests.integrations.conftest import KEY, sync, work_off

pytestmark = pytest.mark.django_db


def address(name: str, *args: int) -> str:
    return reverse(f"integrations:{name}", args=args)


def pairs(*rows: tuple[str, str, str, str], kept: int = 1, **more: str) -> dict[str, str]:
    data = {"pair-TOTAL_FORMS": str(len(rows)), "pair-INITIAL_FORMS": str(kept)}
    for number, row in enumerate(rows):
        names = ("source", "target", "unit", "hours_per_day")
        data |= {f"pair-{number}-{name}": value for name, value in zip(names, row, strict=True)}
    return data | more


def test_the_whole_way(client, ada, bamboo, wfm):
    client.force_login(ada)
    assert "Set up BambooHR" in client.get("/integrations/add/").content.decode()
    typed = {"domain": "https://Northwind.bamboohr.com/home", "key": KEY}
    answer = client.post("/integrations/add/bamboohr/", typed)
    made = Integration.objects.get()
    assert answer.url == address("connect", made.pk)
    page = client.get(answer.url).content.decode()
    assert "Successful connection" in page
    assert KEY not in page
    assert "beef" in page
    work_off()

    page = client.get(address("fields", made.pk)).content.decode()
    assert 'value="7.50"' in page  # BambooHR's own hours a day
    answer = client.post(
        address("preview", made.pk), pairs(("78", "1", "days", "7.5"), ("79", "2", "hours", "7.5"))
    )
    assert answer.content.decode().count("First0 Last0") == 2
    answer = client.post(address("fields", made.pk), pairs(("78", "1", "days", "7.5")))
    assert answer.url == address("people", made.pk)
    assert "12 of 12" in client.get(answer.url).content.decode()
    answer = client.post(address("confirm", made.pk))
    assert answer.url == address("schedule", made.pk)
    answer = client.post(answer.url, {"mode": "schedule", "start": "06:00", "interval": "60", "then": "sync"})
    work_off()
    page = client.get(answer.url).content.decode()
    assert "Balances: 12 created." in page
    assert len(wfm.applied) == 12
    made.refresh_from_db()
    assert made.next_run_at is not None
    assert "Active" in client.get("/integrations/").content.decode()
    assert "12" in client.get(address("overview", made.pk)).content.decode()
    export = b"".join(client.get(answer.url + "export.csv").streaming_content).decode()
    assert export.count("\r\n") == 13


@pytest.mark.parametrize(
    ("domain", "key", "said"),
    [
        ("elsewhere", KEY, "does not know this company domain"),
        ("northwind", "wrong-key-wrong-key", "did not accept the API key"),
        ("evil.com/#", KEY, "Type the part before .bamboohr.com"),
        ("x@evil", KEY, "Type the part before .bamboohr.com"),
        ("north\nwind", KEY, "Type the part before .bamboohr.com"),
    ],
)
def test_what_does_not_connect_is_said_and_nothing_is_kept(client, ada, bamboo, wfm, domain, key, said):
    client.force_login(ada)
    for headers in ({}, {"HX-Request": "true"}):
        answer = client.post("/integrations/add/bamboohr/", {"domain": domain, "key": key}, headers=headers)
        assert said in answer.content.decode()
        assert key not in answer.content.decode()
    assert Integration.objects.count() == 0


def test_tests_are_few_a_minute(client, ada, bamboo, wfm):
    client.force_login(ada)
    for _ in range(8):
        answer = client.post("/integrations/add/bamboohr/", {"domain": "northwind", "key": "bad-bad-bad"})

    assert "Too many tests" in answer.content.decode()
    assert len(bamboo.board.asked()) == 6


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (pairs(("", "", "", "8")), "This field is required"),
        (pairs(("78", "1", "hours", "8")), "Vacation is counted in days."),
        (pairs(("78", "1", "days", "0")), "greater than or equal to 0.25"),
        (
            pairs(("78", "1", "days", "8"), ("81", "1", "days", "8")),
            "can take the balances of one time-off type only",
        ),
        (pairs(("78", "1", "days", "8"), **{"pair-0-DELETE": "on"}), "Map at least one time-off type."),
    ],
)
def test_a_mapping_that_makes_no_sense_is_refused(client, ada, read, data, said):
    client.force_login(ada)
    answer = client.post(address("fields", read.pk), data)

    assert answer.status_code == 200
    assert said in answer.content.decode()
    assert read.mappings.count() == 0


def test_saving_is_off_while_a_sync_runs(client, ada, ready):
    from integrations.services.syncing import start_sync

    start_sync(integration=ready, by=ada)
    client.force_login(ada)
    page = client.get(address("fields", ready.pk)).content.decode()
    assert "A sync is running" in page
    assert re.search(r"<button[^>]*data-confirm-pairs[^>]*disabled", page)
    client.post(address("fields", ready.pk), pairs(("78", "1", "days", "4"), kept=2))
    assert ready.mappings.count() == 2
    assert client.post(address("confirm", ready.pk)).status_code == 409
    somebody = ready.links.first().source
    assert client.post(address("unlink", ready.pk, somebody.pk)).status_code == 409
    assert client.post(address("sync", ready.pk)).status_code == 409


def test_suggestions_have_a_reason_and_are_taken_by_hand(client, ada, read, wfm, company):
    company.add("Zoe", "Old", "zoe@example.com")
    wfm.add("Zoe", "Newname", "ZOE@example.com")
    client.force_login(ada)
    client.post(address("read", read.pk))
    work_off()
    page = client.get(address("people", read.pk), {"show": "open"}).content.decode()
    assert "Same e-mail, other name" in page
    assert Link.objects.count() == 12
    source = read.employees.get(side="source", last_name="Old")
    target = read.employees.get(side="target", last_name="Newname")
    client.post(address("link", read.pk, source.pk), {"target": target.pk, "suggestion": "1"})
    assert Link.objects.get(source=source).how == "suggestion"
    assert (
        "Zoe Newname"
        in client.get(address("people", read.pk), {"show": "matched", "q": "zoe"}).content.decode()
    )


def test_shared_addresses_are_for_a_person_to_decide(client, ada, read, wfm, company):
    for first in ("Pat", "Sam"):
        company.add(first, "Both", "desk@example.com")
        wfm.add(first, "Both", "desk@example.com")
    client.force_login(ada)
    client.post(address("read", read.pk))
    work_off()

    assert Link.objects.count() == 12
    page = client.get(address("people", read.pk), {"show": "shared"}).content.decode()
    assert page.count("desk@example.com") >= 2
    source = read.employees.get(side="source", first_name="Pat")
    chosen = client.get(address("person", read.pk, source.pk), {"q": "both"}).content.decode()
    assert chosen.count("Map<span") == 2


def test_another_domain_starts_over_and_another_key_does_not(client, ada, ready, company, bamboo):
    from integrations.simulators.company import Company

    client.force_login(ada)
    company.key = "m" * 40
    client.post(address("connect", ready.pk), {"domain": "northwind", "key": "m" * 40})
    ready.refresh_from_db()
    assert (ready.step, ready.key_hint, ready.mappings.count(), ready.links.count()) == (
        "ready",
        "mmmm",
        2,
        12,
    )
    bamboo.companies["other"] = Company("other", KEY, "Other")
    client.post(address("connect", ready.pk), {"domain": "other", "key": KEY})
    ready.refresh_from_db()
    assert (ready.step, ready.mappings.count(), ready.links.count()) == ("fields", 0, 0)
    assert client.post(address("sync", ready.pk)).status_code == 409


def test_disable_stops_and_enable_goes_on(client, ada, ready):
    from datetime import time

    from integrations.services import scheduling

    scheduling.save_schedule(integration=ready, interval=60, start=time(6), by=ada)
    client.force_login(ada)
    client.post(address("disable", ready.pk))
    ready.refresh_from_db()
    assert (ready.is_enabled, ready.next_run_at, ready.mappings.count()) == (False, None, 2)
    assert client.post(address("sync", ready.pk)).status_code == 409
    client.post(address("disable", ready.pk), {"enable": "1"})
    ready.refresh_from_db()
    assert ready.next_run_at is not None


def test_delete_asks_for_the_name_and_leaves_balances(client, ada, ready, wfm):
    from apps.models import App
    from portal.runs.models import Run

    sync(ready)
    balances = dict(wfm.balances)
    client.force_login(ada)
    assert client.post(address("delete", ready.pk), {"name": "something"}).status_code == 400
    assert Integration.objects.count() == 1
    assert client.post(address("delete", ready.pk), {"name": "northwind"}).url == "/integrations/"

    assert (Integration.objects.count(), Link.objects.count(), Run.objects.count()) == (0, 0, 0)
    assert App.objects.living().count() == 0
    assert wfm.balances == balances


def test_the_key_is_nowhere_in_the_database(ready):
    from tests.test_canary import database_dump

    dump = database_dump()
    assert KEY.encode() not in dump
    assert ready.client_secret.encode() not in dump


def test_a_viewer_sees_runs_and_changes_nothing(client, vic, ready):
    done = sync(ready)
    client.force_login(vic)

    assert client.get(address("overview", ready.pk)).status_code == 200
    assert client.get(address("run", ready.pk, done.sync.pk)).status_code == 200
    for name in ("connect", "fields", "people", "schedule", "disable", "delete"):
        assert client.get(address(name, ready.pk)).status_code == 403
    assert client.post(address("sync", ready.pk)).status_code == 403


def test_the_people_page_asks_few_questions(client, ada, read, django_assert_max_num_queries):
    client.force_login(ada)
    with django_assert_max_num_queries(45):
        client.get(address("people", read.pk), {"show": "all"})
