"""The whole life of an integration, in a real browser against the demo's simulated BambooHR."""

from __future__ import annotations

import json
import re
import time
from decimal import Decimal

import pytest

from integrations.simulators.company import DEMO_DOMAIN, DEMO_KEY
from tests.e2e.test_pages import violations

pytestmark = pytest.mark.e2e
PATIENCE = 60_000  # milliseconds for a sync of the demo's people


@pytest.fixture(scope="module")
def simulated(portal):
    """The simulator starts after the first page."""
    time.sleep(2)
    return portal


def test_connect_map_sync_edit_disable_delete(signed_in, open_page, simulated):
    page, url = signed_in(), simulated.url
    page.goto(f"{url}/integrations/")
    page.get_by_role("link", name="Add integration").first.click()
    assert page.get_by_text("Not available yet.").count() == 2
    page.get_by_role("link", name="Set up BambooHR").click()
    connect_after_two_mistakes(page)
    page.get_by_role("link", name="Next: map time-off types").click()
    map_types(page)
    map_people(page)
    page.get_by_label("Schedule", exact=True).check()
    page.get_by_label("Sync start").select_option("06:15")
    page.get_by_label("Sync interval").select_option(label="Every 4 hours")
    page.get_by_role("button", name="Add and dry run").click()
    page.get_by_text(re.compile(r"Balances: .* would be updated")).wait_for(timeout=PATIENCE)
    overview = re.sub("runs/.*", "", page.url)
    planned = page.locator("tbody tr").first.locator("td").nth(4).inner_text()
    page.goto(overview)
    page.get_by_role("button", name="Manual sync").click()
    page.get_by_text(re.compile(r"Balances: \d+ updated")).wait_for(timeout=PATIENCE)
    assert page.locator("tbody tr").first.locator("td").nth(4).inner_text() == planned
    see_it_in_the_sandbox(page, url)
    see_it_in_usage(page, url)
    edit(page, overview)
    page.goto(f"{overview}connect/")
    page.get_by_role("link", name="Disable integration").click()
    page.get_by_role("button", name="Disable integration").click()
    assert page.get_by_role("button", name="Manual sync").is_disabled()
    page.goto(f"{overview}connect/")
    page.get_by_role("link", name="Delete integration").click()
    page.get_by_label(re.compile("^Type")).fill("not its name")
    page.get_by_role("button", name="Delete integration").click()
    assert page.get_by_text("Nothing was deleted.").is_visible()
    page.get_by_label(re.compile("^Type")).fill(DEMO_DOMAIN)
    page.get_by_role("button", name="Delete integration").click()
    page.wait_for_url(f"{url}/integrations/")
    assert page.get_by_text("No HR system is connected").is_visible()
    open_page.complaints[:] = [said for said in open_page.complaints if "400 (Bad Request)" not in said]


def connect_after_two_mistakes(page):
    domain, key = page.get_by_label("Company domain").last, page.locator("#id_key")
    press = page.get_by_role("button", name="Test connection")
    domain.fill("no-such-company")
    key.fill(DEMO_KEY)
    press.click()
    page.get_by_text("does not know this company domain").wait_for()
    assert key.input_value() == DEMO_KEY  # the domain can be mended alone
    domain.fill(f"https://{DEMO_DOMAIN}.bamboohr.com/home")
    key.fill("f" * 40)
    press.click()
    page.get_by_text("did not accept the API key").wait_for()
    key.fill(DEMO_KEY)
    press.click()
    page.get_by_text("Successful connection").wait_for()
    assert DEMO_KEY not in page.content()


def map_types(page):
    page.locator("[data-pair]").first.wait_for(timeout=PATIENCE)
    page.get_by_label("Time-off type", exact=True).select_option(label="Vacation (days)")
    page.get_by_label("Personal account type").select_option(label="Vacation (days)")
    assert page.get_by_label("Measurement unit").input_value() == "days"
    assert page.get_by_label("Work hours per day").input_value() == "7.50"
    page.get_by_role("button", name="Add type").click()
    page.get_by_label("Time-off type", exact=True).nth(1).select_option(label="Sick (hours)")
    page.get_by_label("Personal account type").nth(1).select_option(label="Sick leave (hours)")
    page.locator("#preview tbody tr").nth(9).wait_for()  # five people, two types
    assert violations(page) == []
    page.get_by_role("button", name="Confirm field mapping").click()
    page.wait_for_url("**/people/")


def map_people(page):
    assert page.get_by_text(re.compile(r"^\s*2\d\d of 2\d\d")).count() == 1
    row = page.locator("tr", has_text="Same e-mail, other name").first
    name = row.locator("th").inner_text()
    row.get_by_role("button", name="Use").click()
    page.get_by_text(f"{name} is mapped to").first.wait_for()
    page.locator("tr", has_text="Newcomer0").get_by_role("link").click()
    page.get_by_label("Search by name or e-mail").fill("")
    page.keyboard.press("Enter")
    page.get_by_role("button", name=re.compile("^Map")).first.click()
    page.get_by_text("Newcomer0 Hire is mapped to").first.wait_for()
    assert violations(page) == []
    page.get_by_role("button", name="Confirm employee mapping").click()
    page.wait_for_url("**/schedule/")


def see_it_in_the_sandbox(page, url):
    """What the run's page says was written stands in the API, asked with Test Request."""
    rows = [row.locator("th, td").all_inner_texts() for row in page.locator("tbody tr").all()[:5]]
    everybody = send_request(page, url, "searchEmployees", {"maxResults": 1000})["employees"]
    ids = {f"{one['firstName']} {one['lastName']}": one["id"] for one in everybody}
    person, kind, *_, written = next(row for row in rows if row[0].strip() in ids)[:6]
    of_person = {"employeeSelector": {"employeeFilter": {"employeeIds": [ids[person.strip()]]}}}
    accounts = send_request(page, url, "searchPersonalAccounts", of_person)["personalAccounts"]
    account = next(one["id"] for one in accounts if one["name"] == kind.strip())
    asked = {"personalAccountBalanceSelector": {"personalAccountIds": [account]}}
    held = send_request(page, url, "searchPersonalAccountBalances", asked)["personalAccountBalances"]
    assert [Decimal(one["balance"]) for one in held] == [Decimal(written.split()[0])]
    assert held[0]["balance"] in page.locator("#console-answer").inner_text()


def send_request(page, url, operation, body):
    page.goto(f"{url}/catalog/workforce/operations/{operation}/")
    page.get_by_role("button", name="Test Request").click()
    page.locator("[data-text]").fill(json.dumps(body))
    with page.expect_response(lambda answer: "/sandbox/workforce/" in answer.url) as answered:
        page.get_by_role("button", name="Send", exact=True).click()
    assert answered.value.status == 200
    page.locator("#console-answer .badge").first.wait_for()
    return answered.value.json()


def see_it_in_usage(page, url):
    ends = time.monotonic() + 15
    while time.monotonic() < ends:
        page.goto(f"{url}/usage/")
        if page.get_by_text("BambooHR sync").count():
            return
    pytest.fail("the integration's calls do not show in Usage")


def edit(page, overview):
    page.goto(f"{overview}schedule/")
    page.get_by_label("Manual").check()
    page.get_by_role("button", name="Save").click()
    page.get_by_text("By hand").first.wait_for()
    page.goto(f"{overview}fields/")
    page.get_by_role("button", name="Remove this type").last.click()
    page.get_by_role("button", name="Save").click()
    page.get_by_text("The time-off types are mapped.").wait_for()
    assert page.locator("[data-pair]:visible").count() == 1


@pytest.mark.parametrize("width", [320, 1024])
def test_no_page_of_the_set_up_scrolls_sideways(signed_in, simulated, width):
    page, url = signed_in(width=width), simulated.url
    page.goto(f"{url}/integrations/add/bamboohr/")
    page.get_by_label("Company domain").last.fill(DEMO_DOMAIN)
    page.locator("#id_key").fill(DEMO_KEY)
    page.get_by_role("button", name="Test connection").click()
    page.get_by_text("Successful connection").wait_for()
    base = page.url.removesuffix("connect/")
    page.goto(f"{base}fields/")
    page.locator("[data-pair]").first.wait_for(timeout=PATIENCE)
    wide = {}
    for path in ("", "connect/", "fields/", "delete/", "disable/"):
        page.goto(base + path)
        actual = page.evaluate("() => document.documentElement.scrollWidth")
        if actual > width:
            wide[path] = actual
    page.goto(f"{base}delete/")
    page.get_by_label(re.compile("^Type")).fill(DEMO_DOMAIN)
    page.get_by_role("button", name="Delete integration").click()
    page.wait_for_url(f"{url}/integrations/")

    assert wide == {}
