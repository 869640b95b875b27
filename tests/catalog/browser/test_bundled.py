"""The three APIs with sign-ins, bodies and answers of other kinds, tried with Test Request."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from tests.catalog.browser.console import call_of, expect_one, send
from tests.catalog.calabrio.forms import sound

pytestmark = pytest.mark.e2e


def answer_of(page: Any) -> str:
    """Sends; the answer's body as text."""
    with page.expect_response(lambda one: "/sandbox/" in one.url) as caught:
        words = send(page)
    assert words.startswith("200 OK"), (words, caught.value.text())
    return str(caught.value.text())


def fill(page: Any, **values: str) -> None:
    """By the names of parameters and fields, with a low line for a dash in a header's."""
    for name, value in values.items():
        shown = name.replace("_", "-") if name[0].isupper() else name
        page.locator(f'[data-row][data-name="{shown}"] [data-value]').fill(value)


def test_soap_locates_a_server_and_opens_a_session_there(console, open_page, portal):
    page = console("genesys-wfm", "locateServer")
    located = answer_of(page)
    assert f"{portal.url}/sandbox/genesys-wfm/SessionService/WFMSessionService800" in located
    assert "ServerURL" in page.locator(".tree").inner_text()

    console("genesys-wfm", "openSession", page)
    assert re.search(r"SessionID>[0-9a-f-]{36}<", answer_of(page))
    page.get_by_label("Body, text/xml").fill("<nothing/>")
    assert "400" in send(page)
    expect_one(open_page.complaints, "the server responded with a status of 400 (Bad Request)")


def test_a_token_of_the_realm_and_an_upload_in_two_chunks(console, portal):
    tenant = portal.said(r"Account name\s+(\S+)")
    page = console("eleveo-adherence", "getToken")
    client_id, secret = portal.said(r"-u '?(\w+):"), portal.said(r"-u '?\w+:(\w+)")
    fill(page, tenant=tenant, client_id=client_id, client_secret=secret)
    assert '"access_token":"wdpt_' in answer_of(page)

    for operation in ("pushEventTypes", "pushReasonCodes"):
        console("eleveo-adherence", operation, page)
        fill(page, Tenant_ID=tenant)
        assert '"state":"completed"' in answer_of(page)
    console("eleveo-adherence", "pushAgentEvents", page)
    token = "0d0a1a3e-7a50-4c3f-8f0d-6b4f6a0c0abc"
    fill(page, Tenant_ID=tenant, pushToken=token, lastChunk="false")
    assert '"state":"open"' in answer_of(page)
    body = page.get_by_label("Body, text/csv")
    body.fill(body.input_value().replace("1007", "1008"))
    fill(page, lastChunk="true")
    assert '"chunks":2' in answer_of(page)

    page.goto(f"{portal.url}/catalog/eleveo-adherence/history/")
    assert page.get_by_role("row", name=token).count() == 1


def test_a_session_by_cookie_and_files_in_several_parts(console, portal, tmp_path: Path):
    page = console("calabrio-one", "signIn")
    client_id, secret = portal.said(r"-u '?(\w+):"), portal.said(r"-u '?\w+:(\w+)")
    credentials = f'{{"userId": "{client_id}", "password": "{secret}", "language": "en"}}'
    page.get_by_label("Body, application/json").fill(credentials)
    session = re.search(r'"sessionId":"(\w+)"', answer_of(page))[1]
    assert "hazelcast.sessionId" not in {one["name"] for one in page.context.cookies()}

    console("calabrio-one", "listGroups", page)
    page.locator("[data-way]").select_option(label="Cookie hazelcast.sessionId")
    page.get_by_label("Cookie hazelcast.sessionId").fill(session)
    request = call_of(page)
    assert request.all_headers()["portal-cookie"] == f"hazelcast.sessionId={session}"
    assert "Customer Care" in page.locator(".tree").inner_text()

    console("calabrio-one", "importGroups", page)
    groups = tmp_path / "groups.csv"
    groups.write_text("id,name,activatedDate,deactivatedDate\r\n0,Night Shift,07/01/2026,12/31/2999\r\n")
    page.locator('.console input[type="file"]:visible').set_input_files(groups)
    assert '"inserted":1' in answer_of(page)

    console("calabrio-one", "importContacts", page)
    rows, recording = tmp_path / "batch.csv", tmp_path / "c601.wav"
    rows.write_text("AgentId,Recording1\r\n7,c601.wav\r\n")
    recording.write_bytes(sound())
    page.locator('.console input[type="file"]:visible').set_input_files([rows, recording])
    told = answer_of(page)
    assert '"status":"imported"' in told
    assert '"status":"stored"' in told
    page.get_by_role("tab", name="Code").click()
    page.locator("#console-code", has_text="-F 'file=@c601.wav'").wait_for()


def test_a_mapping_is_typed_beside_its_file(console, tmp_path: Path):
    page = console("calabrio-one", "importMappedHistory")
    rows = tmp_path / "day.csv"
    rows.write_text(
        "Queue,Queue Name,Day,From,Received,Handled,Talk,Wrap\r\n5100,Care,06/15/2026,09:00,3,3,9,9\r\n"
    )
    page.get_by_label("Send mapping").check()
    page.locator('.console input[type="file"]:visible').set_input_files(rows)

    assert '"stored":1' in answer_of(page)
