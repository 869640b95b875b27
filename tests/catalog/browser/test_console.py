"""Test Request in a real browser: every kind of sign-in and body, large answers, keyboard, secrets."""

from __future__ import annotations

import json
import os
import re
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.catalog.console.documents import document
from tests.e2e.portal import HOUSE, Portal, environment
from tests.e2e.test_pages import violations

pytestmark = pytest.mark.e2e

LARGE = [
    {"id": number, "name": f"Row {number}", "state": "waiting", "to": "x" * 70} for number in range(42_000)
]


@pytest.fixture(scope="session")
def parcels(portal: Portal, tmp_path_factory: pytest.TempPathFactory) -> None:
    """The document of every kind, with an operation that answers five megabytes."""
    told = document()
    answer = {"description": "Much.", "content": {"application/json": {"schema": {}, "example": LARGE}}}
    told["paths"]["/much"] = {"get": {"operationId": "much", "summary": "much", "responses": {"200": answer}}}
    file = tmp_path_factory.mktemp("parcels") / "document.json"
    file.write_text(json.dumps(told))
    own = environment(portal.folder) | {"PATH": os.environ["PATH"]}
    command = [sys.executable, "manage.py", "publish_apis", str(file), "--slug", "parcels"]
    done = subprocess.run(command, cwd=HOUSE, env=own, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.fixture
def console(signed_in: Any, portal: Portal, parcels: None) -> Any:
    """console("parcels", "getParcel"): its page with Test Request open."""

    def open_it(api: str, operation: str, page: Any = None, **how: Any) -> Any:
        page = page or signed_in(**how)
        page.goto(f"{portal.url}/catalog/{api}/operations/{operation}/")
        page.get_by_role("button", name="Test Request").click()
        page.locator(".console-send").wait_for()
        return page

    return open_it


def send(page: Any) -> str:
    """Sends, and returns what a screen reader is told."""
    page.locator(".console-send").click()
    return told(page)


def told(page: Any) -> str:
    status = page.locator('[data-answer="status"]')
    page.locator(".console[data-state=done], .console[data-state=failed]").wait_for()
    for _ in range(100):
        words = status.text_content()
        if re.match(r"\d{3} |Not sent|Cancelled|The |You ", words):
            return str(words)
        page.wait_for_timeout(50)
    raise AssertionError(words)


def call_of(page: Any) -> Any:
    """Sends and returns the request that left the browser."""
    with page.expect_request(lambda one: "/sandbox/" in one.url) as caught:
        send(page)
    return caught.value


def test_a_search_is_authorized_sent_and_compared_in_one_click(console):
    page = console("workforce", "searchEmployees")
    words = send(page)

    assert words.startswith("200 OK")
    assert words.endswith("Matches the document’s 200 answer.")
    assert "employees" in page.locator(".tree").inner_text()


KINDS = [
    ("getParcel", "authorization", "Bearer wdpt_", None),
    ("createParcel", "x-api-key", "wdpt_", "application/json"),
    ("sendForm", "portal-cookie", "depot.session=wdpt_", "application/x-www-form-urlencoded"),
    ("upload", "authorization", "Basic ", "multipart/form-data; boundary="),
    ("sendRows", None, "", "text/csv"),
    ("locate", "authorization", "Bearer wdpt_", "text/xml"),
]


@pytest.mark.parametrize(("operation", "header", "value", "media"), KINDS, ids=[kind[0] for kind in KINDS])
def test_every_kind_of_sign_in_and_body_is_sent_as_documented(console, operation, header, value, media):
    page = console("parcels", operation)
    request = call_of(page)
    headers = request.all_headers()

    assert page.locator('[data-answer="head"] .badge').inner_text() == "200 OK"
    if header:
        assert headers[header].startswith(value)
    else:
        assert "api_key=wdpt_" in request.url
    assert headers.get("content-type", "").startswith(media or "")
    assert "sid=" not in headers.get("cookie", "")


def test_parameters_go_where_they_belong_and_are_prefilled(console):
    page = console("parcels", "getParcel")
    page.get_by_label("Send tag").check()
    page.get_by_label("Send lang").check()
    request = call_of(page)

    assert request.url.endswith("/sandbox/parcels/parcels/7?tag=a&tag=b")
    assert request.all_headers()["x-depot"] == "north"
    assert request.all_headers()["portal-cookie"] == "lang=fr"


def test_a_file_is_uploaded_and_a_binary_answer_offered_as_download(console, tmp_path):
    photo = tmp_path / "photo.jpg"
    photo.write_bytes(b"\xff\xd8picture")
    page = console("parcels", "upload")
    page.locator('.console input[type="file"]').set_input_files(photo)
    assert call_of(page).all_headers()["content-type"].startswith("multipart/form-data; boundary=")
    page.get_by_role("tab", name="Code").click()
    page.locator("#console-code", has_text="-F 'photo=@photo.jpg'").wait_for()

    console("parcels", "label", page)
    send(page)
    assert "application/pdf" in page.locator('[data-answer="binary"]').inner_text()
    with page.expect_download() as caught:
        page.get_by_role("button", name="Download").click()
    assert caught.value.suggested_filename == "label.pdf"
    assert Path(caught.value.path()).read_bytes().startswith(b"%PDF")


def test_mismatches_are_shown_at_their_fields(console):
    page = console("parcels", "wrong")
    words = send(page)

    assert words.endswith("3 places differ from the document.")
    assert page.locator(".console-check li code").all_inner_texts() == ["id", "state", "lines[1].count"]
    page.get_by_role("button", name="lines[1].count").click()
    assert page.locator(".tree-row[data-off]").count() == 3


BLOCKED = """() => { window.blocked = []; new PerformanceObserver((list) => {
  for (const one of list.getEntries()) window.blocked.push(one.duration); }).observe({type: "longtask"}); }"""


def test_five_megabytes_are_shown_folded_and_searched_without_a_frozen_page(console):
    page = console("parcels", "much")
    page.evaluate(BLOCKED)
    send(page)
    assert float(page.locator('[data-answer="head"]').inner_text().split("·")[1].split()[0]) > 5
    page.get_by_label("Find in the answer").fill("Row 41999")
    page.locator(".tree-row[data-hit]").wait_for()
    page.get_by_role("button", name="Fold all").click()
    page.locator(".tree").evaluate("box => { box.scrollTop = 400000; }")
    page.wait_for_timeout(500)

    assert page.locator(".tree-row").count() < 100
    assert max(page.evaluate("() => window.blocked"), default=0) < 200


def test_with_the_keyboard_alone(console):
    page = console("workforce", "searchEmployees")
    page.keyboard.press("Control+Enter")
    assert told(page).startswith("200 OK")
    page.locator(".tree").focus()
    for _ in range(6):
        page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.get_by_label("Keep").wait_for()
    assert page.get_by_label("Keep").input_value() == "employeeId"
    page.keyboard.press("Enter")
    page.get_by_role("tab", name="Variables").click()
    page.locator("[data-variables] li").first.wait_for()
    assert "{{employeeId}}" in page.locator("[data-variables]").inner_text()


def test_a_variable_is_used_and_an_unknown_one_is_named(console):
    page = console("parcels", "getParcel")
    page.get_by_role("tab", name="Variables").click()
    page.get_by_label("Name of a new variable").fill("parcel")
    page.get_by_label("Its value").fill("41")
    page.get_by_role("button", name="Add", exact=True).click()
    page.locator("[data-variables]", has_text="{{parcel}}").wait_for()
    page.locator('[data-place="path"] [data-value]').fill("{{parcel}}")
    assert "/parcels/41" in call_of(page).url
    page.locator('[data-place="path"] [data-value]').fill("{{other}}")
    page.locator(".console-send").click()
    page.locator('[data-answer="failure"]', has_text="{{other}}").wait_for()


def test_the_code_follows_what_is_typed(console):
    page = console("workforce", "searchEmployees")
    page.get_by_label("Body, application/json").fill('{"maxResults": 3}')
    page.get_by_role("tab", name="Code").click()
    page.get_by_label("Language").select_option("python")
    page.locator("#console-code", has_text="'{\"maxResults\": 3}'").wait_for()
    assert 'os.environ["TOKEN"]' in page.locator("#console-code").inner_text()
    assert "wdpt_" not in page.locator("#console-code").inner_text()


def test_the_editor_lints_and_completes(console):
    page = console("parcels", "createParcel")
    page.get_by_role("button", name="Editor").click()
    page.locator(".ace_content").wait_for()
    page.keyboard.press("Control+a")
    page.keyboard.type('{"sta')
    page.locator(".ace_autocomplete", has_text="state").wait_for()
    page.keyboard.press("Enter")
    page.keyboard.type('": "mov')
    page.locator(".ace_autocomplete", has_text="moving").wait_for()
    page.keyboard.press("Enter")
    assert page.locator("textarea[data-text]").input_value() == '{"state": "moving"}'
    page.keyboard.press("Control+End")
    page.keyboard.type(",")
    page.locator(".ace_gutter-cell.ace_error").wait_for()


def test_a_call_is_cancelled_and_a_failure_explained(console, open_page):
    page = console("workforce", "searchEmployees")
    page.get_by_role("button", name="Authorize").click()
    page.locator("[data-token]").wait_for()
    page.locator("summary", has_text="Headers").first.click()
    page.get_by_role("button", name="Add a header").click()
    page.get_by_label("Name", exact=True).last.fill("Prefer")
    page.get_by_label("Value", exact=True).last.fill("delay=5")
    page.locator(".console-send").click()
    page.get_by_role("button", name="Cancel").click()
    assert told(page).startswith("Cancelled")

    page.route("**/sandbox/**", lambda route: route.abort())
    assert send(page).startswith("The connection ended")
    open_page.complaints.clear()  # of the call that was broken off


def test_history_is_saved_shared_and_opened_by_a_link(console, portal):
    page = console("workforce", "searchEmployees")
    page.get_by_label("Body, application/json").fill('{"maxResults": 2}')
    send(page)
    page.get_by_role("button", name="Save request …").click()
    page.locator("[data-kept] form:not([hidden]) input").fill("Two people")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Share Two people").click()
    page.get_by_role("button", name="Copy link").wait_for()
    link = page.evaluate("() => navigator.clipboard.readText()")
    page.goto(link)
    page.locator(".console-note", has_text="Two people").wait_for()

    assert page.get_by_label("Body, application/json").input_value() == '{"maxResults": 2}'


def test_three_clicks_from_sign_in_to_a_200(signed_in, portal):
    page = signed_in()
    page.locator(".nav-link", has_text="Apps").click()
    page.get_by_role("link", name=re.compile("^Try .* now")).first.click()
    page.locator(".console-send").click()

    assert told(page).startswith("200 OK")


@pytest.mark.parametrize("width", [1440, 390])
def test_axe_finds_nothing(console, theme, width):
    page = console("workforce", "searchEmployees", theme=theme, width=width)
    found = {"open": violations(page)}
    send(page)
    found["answered"] = violations(page)
    for tab in ("Code", "History", "Variables"):
        page.get_by_role("tab", name=tab).click()
        page.wait_for_timeout(300)
        found[tab] = violations(page)

    assert {name: one for name, one in found.items() if one} == {}
    assert page.evaluate("() => document.documentElement.scrollWidth") <= width


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
    open_page.complaints.clear()  # the sandbox answered 400
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
