"""What is typed as a credential is nowhere afterwards."""

from __future__ import annotations

import json
import re
import sqlite3

import pytest

from tests.catalog.browser.console import call_of, expect_one

pytestmark = pytest.mark.e2e


def test_a_secret_is_nowhere_afterwards(console, portal, signed_in, open_page):
    page = signed_in()
    page.goto(f"{portal.url}/apps/create/")
    page.get_by_label("Name").fill("Canary")
    page.get_by_role("button", name="Create app").click()
    html = page.content()
    secret, client = (re.search(rf"{prefix}_[0-9A-Za-z_]+", html)[0] for prefix in ("wdps_live", "wdpc"))
    console("workforce", "searchEmployees", page)
    page.get_by_label("Call as").select_option("secret")
    page.get_by_label("Client ID").fill(client)
    page.locator("#console-secret").fill(secret)
    page.get_by_label("Body, application/json").fill(json.dumps({"note": secret}))
    request = call_of(page)
    token = request.all_headers()["authorization"].removeprefix("Bearer ")
    page.get_by_role("tab", name="History").click()
    page.get_by_label("Body, application/json").fill("{}")
    page.wait_for_timeout(1500)  # until the code has followed
    bad = "the server responded with a status of 400 (Bad Request)"
    expect_one(open_page.complaints, bad)
    storage = "() => JSON.stringify([{...localStorage}, {...sessionStorage}, document.cookie, history.state])"
    with sqlite3.connect(portal.folder / "portal.sqlite3") as database:
        dump = "\n".join(database.iterdump())
    logs = "".join(path.read_text(errors="replace") for path in portal.folder.rglob("*.log"))
    places = {
        "page": page.content(),
        "storage": page.evaluate(storage),
        "database": dump,
        "logs": logs,
        "address": page.url,
    }

    assert token.startswith("wdpt_")
    assert {name for name, text in places.items() if secret in text or token in text} == set()
    assert "(not kept)" in dump


def test_a_short_secret_under_an_innocent_name_is_not_kept(console, portal, open_page):
    """Nothing in its shape tells, but it was typed as the key."""
    page = console("parcels", "createParcel")
    page.locator("[data-way-block]:not([hidden]) [data-credential]").fill("tea-9")
    page.get_by_label("Body, application/json").fill('{"state": "waiting", "to": "tea-9"}')
    call_of(page)
    expect_one(open_page.complaints, "the server responded with a status of 401 (Unauthorized)")
    page.get_by_role("tab", name="History").click()
    page.locator("[data-kept] li").first.wait_for()
    with sqlite3.connect(portal.folder / "portal.sqlite3") as database:
        (kept,) = database.execute(
            "SELECT content FROM catalog_testrequest ORDER BY id DESC LIMIT 1"
        ).fetchone()

    assert "tea-9" not in kept
    assert json.loads(json.loads(kept)["body"]) == {"state": "waiting", "to": "(not kept)"}
