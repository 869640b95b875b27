"""The import history as a page: a general one, declared in the document."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalog import data_page
from catalog.data_page import declared_pages
from tests.catalog.eleveo.conftest import HEADER, ROW

PAGE = "/catalog/eleveo-adherence/history/"


def shown(client: Any, person: Any, address: str = PAGE) -> Any:
    client.force_login(person)
    return client.get(address)


def test_completed_imports_are_listed_newest_first(client, vic, ready):
    ready.push("pushAgentEvents", HEADER + ROW, 3, "false")
    before = [cells[1].value for cells in shown(client, vic).context["rows"]]
    ready.push("pushAgentEvents", HEADER + ROW * 2, 3)
    page = shown(client, vic)
    cells = {cell.title: cell.value for cell in next(row for row in page.context["rows"] if row[2].value)}

    assert sorted(before) == ["Event types", "Reason codes"]  # not the upload that is still open
    assert (cells["What"], cells["ACD type"], cells["Rows"], cells["Chunks"]) == (
        "Agent events",
        "genesis",
        3,
        2,
    )
    moments = [row[0].value for row in page.context["rows"]]
    assert moments == sorted(moments, reverse=True)
    assert "Agent events" in page.content.decode()


def test_a_stranger_sees_rows_of_their_own_alone(client, ada, mallory, ready):
    assert b"Event types" in shown(client, ada).content
    answer = shown(client, mallory)

    assert (answer.status_code, answer.context["rows"]) == (200, [])
    assert b"Nothing here yet" in answer.content


def test_there_are_as_many_as_fit_a_page(client, ada, ready, monkeypatch):
    monkeypatch.setattr(data_page, "PER_PAGE", 1)
    pages = [shown(client, ada, f"{PAGE}?page={number}") for number in (1, 2, 99)]

    assert [len(page.context["rows"]) for page in pages] == [1, 1, 1]
    assert pages[0].context["rows"] != pages[1].context["rows"] == pages[2].context["rows"]
    assert b"1\xe2\x80\x931 of 2" in pages[0].content


def test_its_cost_does_not_grow_with_its_rows(client, ada, ready):
    shown(client, ada)
    counts = []
    for number in range(10, 12):
        with CaptureQueriesContext(connection) as captured:
            client.get(PAGE)
        counts.append(len(captured))
        ready.push("pushAgentEvents", HEADER + ROW, number)

    assert counts[0] == counts[1] <= 8


def test_the_api_leads_there_and_others_have_none(client, ada, ready, workforce):
    assert f'href="{PAGE}"' in shown(client, ada, "/catalog/eleveo-adherence/").content.decode()
    assert shown(client, ada, "/catalog/eleveo-adherence/nothing/").status_code == 404
    assert shown(client, ada, "/catalog/workforce/history/").status_code == 404
    assert shown(client, ada, "/catalog/nothing/history/").status_code == 404


@pytest.mark.parametrize(
    "page",
    [None, [], {"title": "x"}, {"title": "x", "collection": "a", "columns": []}]
    + [{"title": "x", "collection": "a", "columns": columns} for columns in ("ab", [1], [{"field": 1}])]
    + [{"title": "x", "collection": "a", "columns": [{"field": "a"}], "where": 1}],
)
def test_what_is_no_page_is_left_out(page):
    assert declared_pages({"x-sandbox": {"pages": {"a": page}}}) == {}
    assert declared_pages({"x-sandbox": {"pages": page}}) == {}


def test_values_are_shown_as_declared():
    column = {"title": "T", "field": "f"}
    cells = [
        data_page._cell(column | how, value).value
        for how, value in (
            ({"as": "time"}, 0),
            ({"as": "time"}, "2026-11-03T08:00:00Z"),
            ({"as": "time"}, "never"),
            ({"as": "time"}, 10**30),
            ({"as": "number"}, "many"),
            ({"words": {"True": "yes"}}, True),
            ({}, None),
        )
    ]

    assert [getattr(cell, "year", cell) for cell in cells] == [1970, 2026, None, None, "many", "yes", ""]
