"""Test Request in a real browser: every kind of sign-in and body, large answers, keyboard, secrets."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.catalog.browser.console import call_of, expect_one, send, told
from tests.e2e.test_pages import violations

pytestmark = pytest.mark.e2e


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
    page.keyboard.press("Delete")
    page.keyboard.type('{"sta', delay=30)
    page.locator(".ace_autocomplete", has_text="state").wait_for()
    page.keyboard.press("Enter")
    page.keyboard.type('": "mov', delay=30)
    page.locator(".ace_autocomplete", has_text="moving").wait_for()
    page.keyboard.press("Enter")
    assert page.locator("textarea[data-text]").input_value() == '{"state": "moving"'
    page.keyboard.type("},")
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
    expect_one(open_page.complaints, "net::ERR_FAILED")


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


def test_three_clicks_from_sign_in_to_a_200(open_page, portal):
    page = open_page()
    portal.sign_in(page)
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
