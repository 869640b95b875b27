"""From the start to the first call on the usage page, as a newcomer does it."""

from __future__ import annotations

import re
import subprocess
import time

import httpx2
import pytest
from playwright.sync_api import Error

pytestmark = pytest.mark.e2e


def test_create_an_app_call_the_sandbox_and_see_it_in_usage(signed_in, portal):
    page = signed_in()
    page.get_by_role("list", name="Developer").get_by_role("link", name="Apps").click()
    page.get_by_role("link", name="Create app").first.click()
    page.get_by_label("Name").fill("Payroll sync")
    page.get_by_label("Description").fill("Copies balances at night")
    page.get_by_role("button", name="Create app").click()
    page.get_by_role("heading", name="Credentials of Payroll sync").wait_for()

    token_line = page.locator("#curl-token").inner_text()
    call_line = page.locator("#curl-call").inner_text()
    answered = subprocess.run(
        ["bash", "-c", f"{token_line}\n{call_line}"], capture_output=True, text=True, timeout=20, check=True
    )
    assert '"totalCount":' in answered.stdout
    assert answered.stdout.count('"employeeNumber"') == 3

    page.get_by_role("link", name="Save app").click()
    assert page.get_by_role("link", name="Payroll sync", exact=True).is_visible()
    called = time.monotonic()
    while True:
        page.goto(f"{portal.url}/usage/")
        if (
            page.get_by_role("cell", name="Payroll sync")
            .or_(page.get_by_role("rowheader", name="Payroll sync"))
            .count()
        ):
            break
        assert time.monotonic() - called < 10, "the call does not show within 10 seconds"
    page.goto(f"{portal.url}/usage/?by=endpoint")
    assert page.get_by_text("searchEmployees").or_(page.get_by_text("Search Employees")).count()
    # The bars are there at once; pointing at them brings what tells the figures.
    assert page.locator("[data-figure] rect").count() > 0
    assert page.evaluate("() => typeof window.Plotly") == "undefined"
    page.locator("[data-figure]").hover()
    page.locator("[data-figure] .main-svg").first.wait_for()


def test_the_secret_is_gone_after_its_page(signed_in, portal):
    page = signed_in()
    page.goto(f"{portal.url}/apps/create/")
    page.get_by_label("Name").fill("Shown once")
    page.get_by_role("button", name="Create app").click()
    page.get_by_role("heading", name="Credentials of Shown once").wait_for()
    secret = re.search(r"wdps_live_\w+", page.content())[0]

    page.get_by_role("button", name="Copy Client Secret").click()
    assert page.evaluate("() => navigator.clipboard.readText()") == secret
    page.get_by_role("link", name="Save app").click()
    page.wait_for_url(f"{portal.url}/apps/")
    # The browser kept nothing to go back to (no-store): it would have to send the form again, and does not.
    with pytest.raises(Error, match="ERR_CACHE_MISS"):
        page.go_back()
    page = page.context.new_page()
    page.goto(f"{portal.url}/apps/")
    assert secret not in page.content()
    assert secret not in page.evaluate(
        "() => JSON.stringify({...localStorage, ...sessionStorage}) + location.href"
    )


def test_printed_curl_lines_work(portal):
    printed = "".join(portal.printed)
    lines = printed[printed.index("TOKEN=") : printed.index("Ctrl-C")]
    answered = subprocess.run(["bash", "-c", lines], capture_output=True, text=True, timeout=20, check=True)

    assert '"totalCount":' in answered.stdout


def test_reading_pages_need_no_script(browser, portal, signed_in):
    page = signed_in()
    state = page.context.storage_state()
    context = browser.new_context(java_script_enabled=False, storage_state=state)
    plain = context.new_page()
    for path in ("/", "/apps/", "/catalog/workforce/operations/searchEmployees/", "/usage/", "/admin/audit/"):
        plain.goto(portal.url + path)
        assert plain.get_by_role("heading", level=1).is_visible()
    context.close()


def test_pages_weigh_little(portal):
    """Everything of a signed-out page and of an operation, compressed, without Plotly: at most 100 kB."""
    with httpx2.Client(base_url=portal.url, headers={"Accept-Encoding": "gzip"}) as client:
        page = client.get("/signin/")
        parts = set(re.findall(r'(?:src|href)="(/static/[^"]+)"', page.text))
        weight = page.num_bytes_downloaded + sum(client.get(part).num_bytes_downloaded for part in parts)

    assert 1_000 < weight < 100_000
