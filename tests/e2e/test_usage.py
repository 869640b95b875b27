"""Every control of the usage pages, with the history that `up` makes for its demo account."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import time
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any
from xml.etree import ElementTree
from zoneinfo import ZoneInfo

import pytest

from portal.start.demo import HISTORY
from tests.e2e.portal import Portal, started

pytestmark = pytest.mark.e2e

WALLBOARD = "Team wallboard"
ZONE = ZoneInfo("America/New_York")  # of the demo account


def ago(days: int) -> date:
    return datetime.now(ZONE).date() - timedelta(days=days)


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    """Of its own: what other tests call would stand among the figures."""
    with started(tmp_path_factory.mktemp("usage")) as running:
        yield running


@pytest.fixture(scope="module")
def state(browser: Any, portal: Any) -> Any:
    """Ada's cookies, once the whole demo history is there: it is written from today backwards."""
    context = browser.new_context()
    page = context.new_page()
    portal.sign_in(page)
    first, ends = ago(HISTORY - 2), time.monotonic() + 60
    while page.get_by_role("link", name=WALLBOARD).count() == 0:
        assert time.monotonic() < ends, "the demo history does not come"
        page.goto(f"{portal.url}/usage/?from={first}&to={first}")
    kept = context.storage_state()
    context.close()
    return kept


@pytest.fixture
def page(open_page: Any, state: Any, portal: Any) -> Any:
    """The month of a week ago: it has calls even where today's has just begun."""
    shown = open_page(state=state)
    shown.goto(f"{portal.url}/usage/?period=month&on={ago(7)}")
    shown.evaluate("() => { window.isSamePage = true; }")
    return shown


def follows(page: Any, part: str) -> None:
    """The address tells what is shown, and the page was not loaded anew for it."""
    page.wait_for_url(f"**{part}**")
    settle(page)
    assert page.evaluate("() => window.isSamePage") is True


def settle(page: Any) -> None:
    """A control that is used in the instant between its coming and htmx's seeing it loads the page anew."""
    busy = ".htmx-request, .htmx-swapping, .htmx-settling, .htmx-added"
    page.wait_for_function("busy => !document.querySelector(busy)", arg=busy)


def rows(page: Any) -> list[list[str]]:
    """The lines of the table, without its total: name, then the figures."""
    found: list[list[str]] = page.evaluate(
        """() => [...document.querySelectorAll(".usage-table tbody tr")].map((row) => [
          row.querySelector("th a:not(.usage-fold), th .usage-operation"), ...row.querySelectorAll("td")
        ].map((part) => part.innerText))"""
    )
    return found


def number(text: str) -> float:
    """1,234 → 1234; −4.0% → -4; 12.5 ms → 12.5; nothing to compare with counts as 0."""
    plain = text.replace(",", "").replace("−", "-").strip("% ms+")
    return 0 if plain in ("—", "new") else float(plain)


def calls(page: Any) -> list[int]:
    return [int(number(row[1])) for row in rows(page)]


def series(page: Any) -> dict[str, list[int]]:
    """What the picture is drawn from: the counts of each stack's pieces by name."""
    figure = json.loads(page.locator("[data-figure]").get_attribute("data-figure"))
    return {bar["name"]: bar["y"] for bar in figure["data"]}


def bars(page: Any) -> int:
    """How many stacks the picture has, once it is sure that the table carries all that it shows."""
    pieces = series(page)
    table = {row[0]: int(number(row[1])) for row in rows(page)}
    assert {name: sum(counts) for name, counts in pieces.items()} == table
    assert page.locator("[data-figure] rect").count() == sum(
        count > 0 for counts in pieces.values() for count in counts
    )
    return len(next(iter(pieces.values())))


def turn(page: Any, step: str) -> None:
    """To the period before or after."""
    now = page.locator(".usage-title").inner_text()
    page.locator(f"#usage-{step}").click()
    page.wait_for_function("was => document.querySelector('.usage-title').innerText != was", arg=now)


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


OPACITY = "getComputedStyle(document.querySelector('#usage')).opacity"


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


def column(page: Any, name: str) -> list[str]:
    return page.locator(f"#log-lines > tr > td[data-label='{name}']").all_inner_texts()


@pytest.fixture
def log(page: Any, portal: Any) -> Any:
    page.goto(f"{portal.url}/usage/requests/")
    page.evaluate("() => { window.isSamePage = true; }")
    return page


def clear(page: Any) -> None:
    page.locator("#log-clear").click()
    page.locator("#log-clear").wait_for(state="detached")
    settle(page)


def test_each_filter_of_the_log_leaves_what_it_says(log: Any) -> None:
    operation, everything = "searchSegments", log.locator("#log-lines > tr").count()
    assert everything > 10
    for control, choice, holds in (
        ("app", WALLBOARD, lambda: set(column(log, "App")) == {f"{WALLBOARD} sandbox"}),
        (
            "operation",
            f"{operation} (workforce)",
            lambda: all(operation in one for one in column(log, "Operation")),
        ),
        ("environment", "Sandbox", lambda: all(one.endswith(" sandbox") for one in column(log, "App"))),
        ("status", "All errors", lambda: all(int(one[:3]) >= 400 for one in column(log, "Status"))),
        ("slower", "over 100 ms", lambda: all(number(one) > 100 for one in column(log, "Latency"))),
    ):
        log.locator(f"#log-{control}").select_option(label=choice)
        follows(log, f"{control}=")
        log.locator("#log-clear").wait_for()
        assert column(log, "App") or control == "slower", control  # the demo has few slow ones, or none
        assert holds(), control
        clear(log)
    assert log.locator("#log-lines > tr").count() >= everything
    log.locator("#log-to").fill(str(ago(1)))
    follows(log, f"to={ago(1)}")
    log.locator("#log-clear").wait_for()
    assert {shown_day(one) for one in log.locator("#log-lines time").all()} == {ago(1)}
    clear(log)
    log.locator("#log-from").fill(str(ago(-1)))  # tomorrow
    log.get_by_text("No call matches").wait_for()


def shown_day(moment: Any) -> date:
    return datetime.fromisoformat(moment.get_attribute("datetime")).astimezone(ZONE).date()


def test_the_log_is_paged_searched_and_live(log: Any, portal: Any) -> None:
    page = log
    first = column(page, "Request id")
    page.locator("#log-older").click()
    follows(page, "before=")
    assert not set(first) & set(column(page, "Request id"))
    page.locator("#log-newer").click()
    follows(page, "after=")
    assert column(page, "Request id") == first

    request_id = page.locator("#log-lines > tr").nth(3).locator("td").last.inner_text().split()[0]
    page.get_by_role("searchbox", name="Find a request id").fill(request_id)
    page.keyboard.press("Enter")
    page.wait_for_url("**q=**")
    page.wait_for_function("() => document.querySelectorAll('#log-lines > tr').length == 1")
    clear(page)

    page.locator("#log-live").click()
    page.wait_for_url("**live=1**")
    token, call = portal.said(r"(TOKEN=[^\n]*\n[^\n]*)"), portal.said(r"\n\n( *curl -s -H [^\n]*\n[^\n]*)")
    call = call.replace("-H 'Content-Type", "-H 'X-Request-Id: seen-while-live' -H 'Content-Type")
    subprocess.run(["bash", "-c", f"{token}\n{call}"], check=True, capture_output=True, timeout=20)
    page.get_by_text("seen-while-live").first.wait_for(timeout=15_000)


def test_an_alert_is_made_from_a_preset_changed_and_deleted(page: Any, portal: Any) -> None:
    page.goto(f"{portal.url}/usage/alerts/create/")
    page.get_by_role("link", name="error rate of 5%").click()
    page.wait_for_url("**threshold=**")
    page.get_by_role("button", name="Create alert").click()
    page.wait_for_url(f"{portal.url}/usage/alerts/")
    edit = page.get_by_role("link", name="Edit:").first
    name = edit.inner_text().removeprefix("Edit:").strip()
    edit.click()
    page.get_by_role("heading", level=1, name=name).wait_for()
    page.locator("input[name=threshold]").fill("77")
    page.get_by_role("button", name="Save alert").click()
    page.wait_for_url(f"{portal.url}/usage/alerts/")
    assert page.get_by_role("rowheader", name="77").count() == 1
    page.get_by_role("link", name="Delete:").first.click()
    page.get_by_role("button", name="Delete").click()
    page.wait_for_url(f"{portal.url}/usage/alerts/")
    assert page.get_by_role("rowheader", name="77").count() == 0
