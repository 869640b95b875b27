"""Every control of the usage pages, with the history that `up` makes for its demo account."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import time
import zipfile
from typing import Any

import pytest

pytestmark = pytest.mark.e2e

WALLBOARD = "Team wallboard"


@pytest.fixture(scope="module")
def state(browser: Any, portal: Any) -> Any:
    """Ada's cookies, once the demo history is there."""
    context = browser.new_context()
    page = context.new_page()
    portal.sign_in(page)
    ends = time.monotonic() + 60
    while page.get_by_role("link", name=WALLBOARD).count() == 0:
        assert time.monotonic() < ends, "the demo history does not come"
        page.goto(f"{portal.url}/usage/?period=month")
    kept = context.storage_state()
    context.close()
    return kept


@pytest.fixture
def page(open_page: Any, state: Any, portal: Any) -> Any:
    shown = open_page(state=state)
    shown.goto(f"{portal.url}/usage/?period=month")
    shown.evaluate("() => { window.isSamePage = true; }")
    return shown


def follows(page: Any, part: str) -> None:
    """The address tells what is shown, and the page was not loaded anew for it."""
    page.wait_for_url(f"**{part}**")
    page.wait_for_function("() => !document.querySelector('.htmx-request')")
    assert page.evaluate("() => window.isSamePage") is True


def rows(page: Any) -> list[list[str]]:
    """The lines of the table, without its total."""
    return [
        [
            row.locator("th a:not(.usage-fold), th .usage-operation").first.inner_text(),
            *row.locator("td").all_inner_texts(),
        ]
        for row in page.locator(".usage-table tbody tr").all()
    ]


def calls(page: Any) -> list[int]:
    return [int(row[1].replace(",", "")) for row in rows(page)]


def bars(page: Any) -> int:
    return len(json.loads(page.locator("[data-figure]").get_attribute("data-figure"))["data"][0]["x"])


def test_the_length_of_time_and_its_neighbours(page: Any) -> None:
    """Day, week, month, year; before and after; dates of one's own. Picture and table follow."""
    for kind, low, high in (("day", 23, 25), ("week", 7, 7), ("year", 12, 12), ("month", 28, 31)):
        page.locator(f"#usage-{kind}").click()
        follows(page, f"period={kind}")
        if kind == "day":  # today may have just begun
            page.locator("#usage-before").click()
            page.locator("[data-figure]").wait_for()
        assert low <= bars(page) <= high
        assert page.locator(f"#usage-{kind}").get_attribute("aria-current") == "true"
    now, total = page.locator(".usage-title").inner_text(), sum(calls(page))
    page.locator("#usage-before").click()
    page.wait_for_function("was => document.querySelector('.usage-title').innerText != was", arg=now)
    assert sum(calls(page)) != total
    page.locator("#usage-after").click()
    page.wait_for_function("was => document.querySelector('.usage-title').innerText == was", arg=now)
    assert sum(calls(page)) >= total

    last = page.locator("#usage-to").input_value()
    page.locator("#usage-from").fill(f"{last[:8]}01")
    page.locator("#usage-to").fill(f"{last[:8]}03")
    page.locator("#usage-show").click()
    follows(page, f"from={last[:8]}01&to={last[:8]}03")
    assert bars(page) == 3
    shown = rows(page)
    page.reload()
    assert rows(page) == shown  # the address can be given away


def test_sorting_searching_and_drilling(page: Any) -> None:
    assert calls(page) == sorted(calls(page), reverse=True)
    page.get_by_role("link", name="Calls").first.click()
    follows(page, "sort=calls")
    assert calls(page) == sorted(calls(page))
    page.get_by_role("searchbox", name="Search apps").fill("wallb")
    page.keyboard.press("Enter")
    follows(page, "q=wallb")
    assert [row[0] for row in rows(page)] == [WALLBOARD]

    page.get_by_role("link", name=f"Open {WALLBOARD}").click()
    follows(page, "open=")
    parts = [row for row in rows(page) if row[0] != WALLBOARD]
    assert parts
    page.get_by_role("link", name=WALLBOARD, exact=True).click()
    follows(page, "by=endpoint")
    assert page.get_by_text(f"App: {WALLBOARD}").is_visible()
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


def test_the_environment_filter_and_the_comparison(page: Any) -> None:
    before = rows(page)
    assert all(row[2] for row in before)  # against the same part of the month before
    page.get_by_label("Environment").select_option("live")
    follows(page, "environment=live")
    assert page.get_by_text("Nothing was called with these filters").is_visible()
    page.get_by_role("link", name="Clear the filters").click()
    page.get_by_role("link", name=WALLBOARD, exact=True).wait_for()


def test_exports_hold_what_is_shown(page: Any) -> None:
    shown = {row[0]: int(row[1].replace(",", "")) for row in rows(page)}
    files = {}
    for kind in ("CSV", "XLSX", "JSON"):
        with page.expect_download() as download:
            page.get_by_role("link", name=kind, exact=True).click()
        with open(download.value.path(), "rb") as file:
            files[kind] = file.read()
    table = list(csv.reader(io.StringIO(files["CSV"].decode("utf-8-sig"))))
    at = [name.lower() for name in table[0]].index("calls")
    assert {row[0]: int(row[at]) for row in table[1:] if row[0] in shown} == shown
    told = files["JSON"].decode()
    assert all(name in told and str(count) in told for name, count in shown.items())
    with zipfile.ZipFile(io.BytesIO(files["XLSX"])) as book:
        words = b"".join(book.read(name) for name in book.namelist())
    assert all(name.encode() in words for name in shown)


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


def test_the_log_is_filtered_searched_and_live(page: Any, portal: Any) -> None:
    page.goto(f"{portal.url}/usage/requests/")
    page.evaluate("() => { window.isSamePage = true; }")
    lines = page.locator("#log-lines > tr")
    assert lines.count() > 10
    page.get_by_label("App", exact=True).select_option(label=WALLBOARD)
    follows(page, "app=")
    assert set(page.locator("#log-lines > tr > td:nth-child(4)").all_inner_texts()) == {WALLBOARD}
    page.locator("#log-older").click()
    follows(page, "before=")
    page.locator("#log-clear").click()
    page.locator("#log-clear").wait_for(state="detached")

    request_id = page.locator("#log-lines > tr").nth(3).locator("td").last.inner_text().split()[0]
    page.get_by_role("searchbox", name="Find a request id").fill(request_id)
    page.keyboard.press("Enter")
    page.wait_for_url("**q=**")
    page.wait_for_function("() => document.querySelectorAll('#log-lines > tr').length == 1")
    page.locator("#log-clear").click()
    page.locator("#log-clear").wait_for(state="detached")

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
