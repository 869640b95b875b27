"""Rows in the database, and what is worked out of them."""

from __future__ import annotations

import time
from datetime import date

import pytest
from django.core.management import CommandError, call_command

from catalog.models import Sandbox, SandboxRow
from catalog.sandbox import state
from catalog.sandbox.services import reset
from catalog.sandbox.state import Draft, Store
from portal.tenancy.models import AuditLine
from tests.catalog.sandbox.conftest import snapshot

TODAY = date(2026, 11, 3)
SEED = {"books": [{"id": "1"}, {"id": "2"}], "films": [{"id": "f"}]}


def test_rows_are_found_by_any_property():
    base = snapshot()
    draft = Draft(base)
    draft.put("books", {"id": "9", "authorId": "A1"})
    draft.put("books", {"id": "77", "authorId": "a2"})
    draft.delete("books", "2")

    assert [row["id"] for row in base.by("books", "authorId", "A2")] == ["9", "2"]
    assert [row["id"] for row in base.by("shelves", "books.items.id", "10")] == ["s1"]
    assert [row["id"] for row in draft.by("books", "authorId", "a2")] == ["77"]
    assert [row["id"] for row in draft.by("books", "authorId", "a1")] == ["10", "9"]
    assert draft.snapshot(2).by("books", "authorId", "a2") == [{"id": "77", "authorId": "a2"}]


def test_what_is_worked_out_lives_as_long_as_the_rows():
    base, made = snapshot(), []
    draft = Draft(base)

    def count():
        made.append(1)
        return len(made)

    assert [base.derived("count", count), base.derived("count", count)] == [1, 1]
    assert [draft.derived("count", count), draft.derived("count", count)] == [2, 2]
    draft.put("books", {"id": "x"})
    assert draft.derived("count", count) == 3
    assert draft.snapshot(2).derived("count", count) == 4


def store(tenant, keys, seed=SEED):
    known = {name: rows for name, rows in seed.items() if name in keys}
    return Store(tenant.pk, "toys", dict.fromkeys(keys, "id"), lambda day: known, TODAY)


def held(one):
    found = one.snapshot(one.version())
    return {name: [row["id"] for row in found.all(name)] for name in one.keys}


@pytest.mark.parametrize("is_restarted", [True, False])
def test_a_collection_that_a_newer_document_adds_is_planted(northwind, is_restarted):
    older, newer = store(northwind, ["books"]), store(northwind, ["books", "films"])
    older.write(lambda draft: draft.delete("books", "1"))
    assert held(older) == {"books": ["2"]}
    if is_restarted:
        state.forget()

    assert held(newer) == {"books": ["2"], "films": ["f"]}
    assert held(older) == {"books": ["2"]}


def test_a_writer_finds_what_a_newer_document_adds(northwind):
    assert held(store(northwind, ["books"])) == {"books": ["1", "2"]}
    newer = store(northwind, ["books", "films"])
    newer.write(lambda draft: draft.put("films", {**draft.get("films", "f"), "seen": True}))

    assert newer.snapshot(newer.version()).get("films", "f") == {"id": "f", "seen": True}


def test_what_the_tenant_emptied_stays_empty(northwind):
    one = store(northwind, ["films"])
    one.write(lambda draft: draft.delete("films", "f"))
    state.forget()

    assert held(one) == {"films": []}


def test_a_sandbox_from_before_collections_were_noted_gains_only_new_ones(northwind):
    Sandbox.objects.create(tenant=northwind, api="toys", version=5)
    SandboxRow.objects.create(tenant=northwind, api="toys", collection="books", key="9", data='{"id":"9"}')

    assert held(store(northwind, ["books", "films"])) == {"books": ["9"], "films": ["f"]}


def test_reset_brings_the_seed_back_for_one_tenant_only(northwind, contoso):
    mine, theirs = store(northwind, ["books"]), store(contoso, ["books"])
    for one in (mine, theirs):
        one.write(lambda draft: draft.delete("books", "1"))
    mine.reset()

    assert (held(mine), held(theirs)) == ({"books": ["1", "2"]}, {"books": ["2"]})


@pytest.fixture
def workforce_reset(workforce, ada):
    def run():
        began = time.perf_counter()
        reset(tenant=ada.tenant, api="workforce", by=ada)
        return time.perf_counter() - began

    return run


def test_reset_is_quick_and_audited(workforce_reset, ada):
    workforce_reset()

    assert workforce_reset() < 2
    lines = AuditLine.objects.filter(action="sandbox.reset").values_list("tenant", "actor", "target_label")
    assert list(lines) == [(ada.tenant.pk, ada.pk, "workforce")] * 2


def test_the_command_resets_every_api_of_an_account(workforce, northwind, capsys):
    call_command("reset_sandbox", northwind.slug)
    call_command("reset_sandbox", northwind.slug, api="workforce")

    assert capsys.readouterr().out.count("the workforce sandbox is back to its first data") == 2


@pytest.mark.parametrize(("account", "api"), [("nobody", "workforce"), ("northwind", "nothing")])
def test_the_command_says_what_it_does_not_know(northwind, account, api):
    with pytest.raises(CommandError, match="There is no"):
        call_command("reset_sandbox", account, api=api)
