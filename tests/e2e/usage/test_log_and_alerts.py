"""Every control of the request log; an alert from a preset to its end."""

from __future__ import annotations

import subprocess
from datetime import date, datetime
from typing import Any

import pytest

from tests.e2e.usage.reading import WALLBOARD, ZONE, ago, follows, number, settle

pytestmark = pytest.mark.e2e


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
