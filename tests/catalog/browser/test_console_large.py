"""Test Request with megabytes: the page stays quick."""

from __future__ import annotations

import pytest

from tests.catalog.browser.console import call_of, send, told

pytestmark = pytest.mark.e2e
BLOCKED = """() => { window.blocked = []; new PerformanceObserver((list) => {
  for (const one of list.getEntries()) window.blocked.push(one.duration); }).observe({type: "longtask"}); }"""


def test_five_megabytes_are_shown_folded_and_searched_without_a_frozen_page(console, record_property):
    page = console("parcels", "much")
    page.evaluate(BLOCKED)
    send(page)
    assert float(page.locator('[data-answer="head"]').inner_text().split("·")[1].split()[0]) > 5
    page.get_by_label("Find in the answer").fill("Row 41999")
    page.locator(".tree-row[data-hit]").wait_for()
    turned = "row => getComputedStyle(row, '::before').transform"
    is_open = page.locator(".tree-row[data-fold=open]").first.evaluate(turned)
    page.get_by_role("button", name="Fold all").click()
    assert page.locator(".tree-row[data-fold=shut]").first.evaluate(turned) != is_open
    page.locator(".tree").evaluate("box => { box.scrollTop = 400000; }")
    page.wait_for_timeout(500)

    assert page.locator(".tree-row").count() < 100
    longest = max(page.evaluate("() => window.blocked"), default=0)
    print(f"longest main-thread task: {longest:.0f} ms")
    record_property("longest_task_ms", longest)
    assert longest < 1000  # five times the aim of 200 ms: a busy machine makes every task longer


def test_five_megabytes_are_pasted_and_sent_without_a_frozen_page(console, record_property):
    page = console("parcels", "take")
    rows = """[...Array(60_000).keys()].map((n) => ({id: n, name: `Row ${n}`, to: "x".repeat(50)}))"""
    page.evaluate(f"() => navigator.clipboard.writeText(JSON.stringify({rows}))")
    page.evaluate(BLOCKED)
    page.get_by_label("Body, application/json").focus()
    page.keyboard.press("Control+v")
    page.get_by_text("is sent as it is, instead of the text.").wait_for()
    with page.expect_request(lambda one: "/sandbox/" in one.url) as caught:
        page.keyboard.press("Control+Enter")
        assert told(page).startswith("200 OK")
    page.wait_for_timeout(300)

    assert int(caught.value.all_headers()["content-length"]) > 5_000_000
    assert caught.value.all_headers()["content-type"] == "application/json"
    longest = max(page.evaluate("() => window.blocked"), default=0)
    print(f"longest main-thread task: {longest:.0f} ms")
    record_property("longest_task_ms", longest)
    assert longest < 1000  # as above
    page.get_by_role("button", name="No file").click()
    assert page.get_by_label("Body, application/json").is_enabled()


def test_a_body_too_long_for_the_history_is_sent_and_named(console):
    page = console("parcels", "take")
    page.get_by_label("Body, application/json").fill('"' + "x" * 70_000 + '"')
    assert len(call_of(page).post_data) == 70_002
    page.get_by_role("tab", name="History").click()
    page.get_by_text("Not in your history: its body is longer than 64 kB.").wait_for()
