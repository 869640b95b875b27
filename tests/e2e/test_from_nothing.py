"""The first ten minutes of a new account: the home page's list, from nothing done to gone."""

from __future__ import annotations

import re
import subprocess
import sys
import time

import pytest

from integrations.simulators.company import DEMO_DOMAIN, DEMO_KEY
from tests.e2e.portal import HOUSE, environment

pytestmark = pytest.mark.e2e
PASSWORD = "nine purple kettles sing"
EMAIL = "mia@harbour.example"
PATIENCE = 60_000  # milliseconds until the HR system's people are read


@pytest.fixture
def mia(portal, open_page):
    """The first admin of an account that the operator has just made."""
    own = environment(portal.folder) | {"PORTAL_ADMIN_PASSWORD": PASSWORD, "PORTAL_URL": portal.url}
    command = [sys.executable, "manage.py", "create_tenant", "Harbour", "--admin", EMAIL]
    made = subprocess.run(command, cwd=HOUSE, env=own, capture_output=True, text=True, check=True)
    page = open_page()
    page.goto(re.search(r"http\S+/signin/", made.stdout)[0])
    page.get_by_label("Account name").fill(re.search(r"“(.+)”", made.stdout)[1])
    page.get_by_role("button", name="Continue").click()
    page.get_by_label("E-mail").fill(EMAIL)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(f"{portal.url}/")
    return page


def to_do(page, portal):
    """What the home page still lists."""
    page.goto(f"{portal.url}/")
    return page.locator(".checklist li:not(.is-done) .strong").all_inner_texts()


def until_gone(page, portal, step):
    ends = time.monotonic() + 15  # a call is counted within seconds
    while step in (left := to_do(page, portal)):
        assert time.monotonic() < ends, left
    return left


def test_the_list_ticks_itself_and_goes_away(mia, portal):
    page = mia
    assert to_do(page, portal) == [
        "Create an app",
        "Get a token",
        "Make a first call",
        "Invite a second admin",
        "Connect your HR system",
    ]

    page.get_by_role("link", name="Create an app").click()
    page.get_by_label("Name").fill("Rota mailer")
    page.get_by_role("button", name="Create app").click()
    lines = [page.locator(f"#curl-{one}").inner_text() for one in ("token", "call")]
    assert to_do(page, portal)[0] == "Get a token"

    token = subprocess.run(
        ["bash", "-c", lines[0] + "\necho $TOKEN"], capture_output=True, text=True, check=True
    )
    assert to_do(page, portal)[0] == "Make a first call"
    call = f"TOKEN={token.stdout.strip()}\n{lines[1]}"
    answered = subprocess.run(["bash", "-c", call], capture_output=True, text=True, check=True)
    assert '"totalCount"' in answered.stdout
    assert until_gone(page, portal, "Make a first call") == [
        "Invite a second admin",
        "Connect your HR system",
    ]

    page.get_by_role("link", name="Invite a second admin").click()
    page.get_by_label("E-mail addresses").fill("noor@harbour.example")
    page.get_by_role("button", name="Invite").click()
    page.get_by_text("noor@harbour.example").first.wait_for()
    assert to_do(page, portal) == ["Connect your HR system"]

    page.get_by_role("link", name="Connect your HR system").click()
    connect(page)
    assert to_do(page, portal) == []
    assert page.get_by_text("Getting started").count() == 0


def connect(page):
    """From the kinds of HR systems to a schedule, as the pages lead."""
    page.get_by_role("link", name="Set up BambooHR").click()
    page.get_by_label("Company domain").last.fill(DEMO_DOMAIN)
    page.locator("#id_key").fill(DEMO_KEY)
    page.get_by_role("button", name="Test connection").click()
    page.get_by_role("link", name="Next: map time-off types").click()
    page.locator("[data-pair]").first.wait_for(timeout=PATIENCE)
    page.get_by_label("Time-off type", exact=True).select_option(label="Vacation (days)")
    page.get_by_label("Personal account type").select_option(label="Vacation (days)")
    page.get_by_role("button", name="Confirm field mapping").click()
    page.get_by_role("button", name="Confirm employee mapping").click()
    page.wait_for_url("**/schedule/")
    page.get_by_role("button", name="Add and dry run").click()
    page.get_by_text(re.compile(r"Balances: .* would be updated")).wait_for(timeout=PATIENCE)
