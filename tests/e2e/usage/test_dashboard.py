"""Every control of the dashboard."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from typing import Any
from xml.etree import ElementTree

import pytest

from tests.e2e.usage.reading import (
    WALLBOARD,
    ago,
    bars,
    calls,
    follows,
    number,
    rows,
    turn,
)

pytestmark = pytest.mark.e2e

OPACITY = "getComputedStyle(document.querySelector('#usage')).opacity"


def test_the_length_of_time_and_its_neighbours(page: Any) -> None:
    """Day, week, month, year; before and after; dates of one's own. Picture and table follow."""
    shown, now = rows(page), page.locator(".usage-title").inner_text()
    turn(page, "before")
    assert rows(page) != shown
    turn(page, "after")
    assert (rows(page), page.locator(".usage-title").inner_text()) == (shown, now)
    for kind, low, high in (("week", 7, 7), ("day", 23, 25), ("month", 28, 31), ("year", 12, 12)):
        if kind == "day":  # today may have just begun
            turn(page, "before")
        page.locator(f"#usage-{kind}").click()
        follows(page, f"period={kind}")
        assert low <= bars(page) <= high
        assert page.locator(f"#usage-{kind}").get_attribute("aria-current") == "true"

    first, last = ago(12), ago(10)
    page.locator("#usage-from").fill(str(first))
    page.locator("#usage-to").fill(str(last))
    page.locator("#usage-show").click()
    follows(page, f"from={first}&to={last}")
    assert bars(page) == 3


def test_waiting_and_failing_are_seen_and_nothing_shown_is_lost(page: Any, open_page: Any) -> None:
    shown, year = rows(page), page.locator("#usage-year")
    told = page.get_by_text("The figures could not be loaded.")
    for trouble in (lambda route: route.abort(), lambda route: route.fulfill(status=500, body="broken")):
        page.route("**/usage/?*", trouble)
        year.click()
        told.first.wait_for()
        assert (rows(page), year.get_attribute("aria-current")) == (shown, None)
        page.unroute("**/usage/?*")
        page.locator(".toast button").last.click()
        told.first.wait_for(state="detached")
    asked_for = (
        "Failed to load resource",
        "htmx:",
        "Response Status Error Code 500",
    )  # by the troubles above
    open_page.complaints[:] = [one for one in open_page.complaints if not one.startswith(asked_for)]

    held: list[Any] = []
    page.route("**/usage/?*", lambda route: held.append(route))
    year.click()
    page.wait_for_function(f"() => {OPACITY} < 0.6")
    held[0].continue_()
    page.unroute("**/usage/?*")
    follows(page, "period=year")
    page.wait_for_function(f"() => {OPACITY} == 1")


def test_each_column_sorts_up_and_down(page: Any) -> None:
    assert calls(page) == sorted(calls(page), reverse=True)  # so it comes
    names = ("name", "calls", "change", "share", "errors", "rate", "p50", "p95", "p99")
    for column, name in enumerate(names):
        head = page.locator(".usage-table thead th").nth(column)
        for sort, said in ((name, "ascending"), (f"-{name}", "descending")):
            head.locator("a").click()
            page.wait_for_url(lambda url, sort=sort: url.endswith(f"sort={sort}"))
            page.locator(f".usage-table thead th:nth-child({column + 1})[aria-sort={said}]").wait_for()
            follows(page, f"sort={sort}")
            read = str.casefold if name == "name" else number
            told = [read(row[column]) for row in rows(page)]
            assert told == sorted(told, reverse=said == "descending"), (name, said)
            assert len(told) > 2


def test_the_address_can_be_given_away(page: Any, open_page: Any, state: Any) -> None:
    """Set by clicks, it shows the same once loaded anew, and in another browser; back undoes a click."""
    for part, wanted in (
        ("#usage-week", "period=week"),
        ("#usage-by-endpoint", "by=endpoint"),
        (".usage-table th a[href*='sort=p95']", "sort=p95"),
        ("#usage-fold-2", "open="),
    ):
        page.locator(part).click()
        follows(page, wanted)
        if part == "#usage-week":  # the current one may have just begun
            turn(page, "before")
    shown, title = rows(page), page.locator(".usage-title").inner_text()
    page.reload()
    other = open_page(state=state)
    other.goto(page.url)
    for look in (page, other):
        assert (rows(look), look.locator(".usage-title").inner_text()) == (shown, title)
    page.go_back()
    page.locator("#usage-fold-2[aria-expanded=false]").wait_for()
    assert "open=" not in page.url


def test_searching_and_drilling(page: Any) -> None:
    page.get_by_role("searchbox", name="Search apps").fill("wallb")
    page.keyboard.press("Enter")
    follows(page, "q=wallb")
    assert [row[0] for row in rows(page)] == [WALLBOARD]

    page.get_by_role("link", name=f"Open {WALLBOARD}").click()
    follows(page, "open=")
    whole, *parts = calls(page)
    assert len(parts) > 1
    assert sum(parts) == whole
    page.get_by_role("link", name=WALLBOARD, exact=True).click()
    follows(page, "by=endpoint")
    assert page.get_by_text(f"App: {WALLBOARD}").is_visible()
    assert calls(page) == parts
    operation = page.locator(".usage-operation").first.inner_text()
    page.locator(".usage-operation").first.click()
    follows(page, "endpoint=")
    assert page.get_by_text(f"Endpoint: {operation}").is_visible()
    assert WALLBOARD in [row[0] for row in rows(page)]
    page.locator("#usage-no-endpoint").click()
    page.locator("#usage-no-endpoint").wait_for(state="detached")
    page.locator("#usage-by-endpoint").click()
    follows(page, "by=endpoint")
    assert operation in " ".join(row[0] for row in rows(page))


def test_the_environment_filter(page: Any) -> None:
    shown = rows(page)
    page.get_by_label("Environment").select_option("sandbox")
    follows(page, "environment=sandbox")
    assert rows(page) == shown  # the demo calls nothing else
    page.get_by_label("Environment").select_option("live")
    follows(page, "environment=live")
    assert page.get_by_text("Nothing was called with these filters").is_visible()
    page.get_by_role("link", name="Clear the filters").click()
    page.get_by_role("link", name=WALLBOARD, exact=True).wait_for()
    assert rows(page) == shown


def test_change_is_against_what_the_period_before_shows(page: Any) -> None:
    page.locator("#usage-week").click()
    follows(page, "period=week")
    if page.locator("#usage-after").count() == 0:  # the week that runs is compared with a part
        turn(page, "before")
    now = {row[0]: (number(row[1]), number(row[2])) for row in rows(page)}
    turn(page, "before")
    before = {row[0]: number(row[1]) for row in rows(page)}
    assert WALLBOARD in now
    assert WALLBOARD in before
    for name, (count, change) in now.items():
        was = before.get(name, 0)
        assert change == pytest.approx(100 * (count - was) / was if was else 0, abs=0.051), name


def test_exports_hold_what_is_shown(page: Any) -> None:
    """The lines that are left, in the table's order, with its figures."""
    page.locator("#usage-by-endpoint").click()
    follows(page, "by=endpoint")
    page.get_by_role("searchbox", name="Search endpoints").fill("search")
    page.keyboard.press("Enter")
    follows(page, "q=search")
    page.get_by_role("link", name="p50").click()
    follows(page, "sort=p50")
    files = {}
    for kind in ("CSV", "XLSX", "JSON"):
        with page.expect_download() as download:
            page.get_by_role("link", name=kind, exact=True).click()
        with open(download.value.path(), "rb") as file:
            files[kind] = file.read()
    shown = [(row[0], int(number(row[1])), int(number(row[4])), number(row[6])) for row in rows(page)]
    assert len(shown) > 2

    told = json.loads(files["JSON"])["lines"]
    assert [sum(line["series"].values()) for line in told] == [line[1] for line in shown]
    lines = {"JSON": told, "CSV": csv.DictReader(io.StringIO(files["CSV"].decode("utf-8-sig")))}
    lines["XLSX"] = sheet(files["XLSX"])
    for kind, found in lines.items():
        read = [
            (line["endpoint"], int(line["calls"]), int(line["errors"]), round(float(line["p50_ms"]), 1))
            for line in found
        ]
        assert [line[:3] for line in read] == [line[:3] for line in shown], kind
        assert [line[3] for line in read] == pytest.approx([line[3] for line in shown], abs=0.11), kind


def sheet(data: bytes) -> list[dict[str, str]]:
    """The first sheet of a workbook, a line each by the names of its columns."""
    with zipfile.ZipFile(io.BytesIO(data)) as book:
        words = ElementTree.fromstring(book.read("xl/sharedStrings.xml"))
        first = ElementTree.fromstring(book.read("xl/worksheets/sheet1.xml"))
    texts = ["".join(word.itertext()) for word in words]
    lines = [
        [
            texts[int("".join(one.itertext()))] if one.get("t") == "s" else "".join(one.itertext())
            for one in row
        ]
        for row in first.iterfind(".//{*}row")
    ]
    return [dict(zip(lines[0], line, strict=True)) for line in lines[1:]]


def test_the_keyboard_reaches_every_control(page: Any) -> None:
    wanted = {
        "usage-day",
        "usage-year",
        "usage-before",
        "usage-from",
        "usage-to",
        "usage-show",
        "usage-environment",
    }
    wanted |= {"usage-by-app", "usage-by-endpoint", "usage-fold-1"}
    met = []
    for _ in range(90):
        page.keyboard.press("Tab")
        met.append(page.evaluate("() => document.activeElement.id"))
    assert wanted - set(met) == set()
    order = [one for one in met if one in ("usage-day", "usage-show", "usage-by-app", "usage-fold-1")]
    assert order[:4] == ["usage-day", "usage-show", "usage-by-app", "usage-fold-1"]


def test_the_keyboard_alone_is_enough(page: Any) -> None:
    """A key does what a click does, and stays where it was pressed although its place is drawn anew."""
    for control, wanted in (
        ("usage-by-endpoint", "by=endpoint"),
        ("usage-fold-1", "open="),
        ("usage-before", "on="),
        ("usage-week", "period=week"),
    ):
        page.locator(f"#{control}").focus()
        page.keyboard.press("Enter")
        follows(page, wanted)
        assert page.evaluate("() => document.activeElement.id") == control
    page.locator("#usage-environment").focus()
    page.keyboard.press("S")
    follows(page, "environment=sandbox")
    assert page.evaluate("() => document.activeElement.id") == "usage-environment"
