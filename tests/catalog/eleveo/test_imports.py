"""Signing in, the uploads in their order, chunks, and every refusal."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest

from apps.services import create_app
from tests.catalog.eleveo.conftest import (
    EVENT_TYPES,
    HEADER,
    REASON_CODES,
    ROOT,
    ROW,
    token_number,
)


def sign_in(gateway, issued, realm="northwind", **fields):
    given = {
        "grant_type": "client_credentials",
        "client_id": issued.client_id,
        "client_secret": issued.secret,
    }
    return gateway(
        "POST",
        f"{ROOT}/auth/realms/{realm}/protocol/openid-connect/token",
        body=urlencode(given | fields).encode(),
        headers={"Content-Type": "application/x-www-form-urlencoded"},
    )


def test_the_realm_gives_a_token_for_five_minutes(gateway, issued):
    answer = sign_in(gateway, issued)
    assert (answer.status, answer.json["expires_in"], answer.json["token_type"]) == (200, 300, "bearer")
    assert answer.json["scope"] == "adherence.import adherence.read"
    assert answer.json["refresh_expires_in"] == 0
    assert "refresh_token" not in answer.json
    assert gateway(
        "GET", f"{ROOT}/_rest/scheduling/adherence/imports", token=answer.json["access_token"]
    ).json == {
        "imports": [],
        "total": 0,
    }


@pytest.mark.parametrize(
    ("realm", "fields", "status", "error"),
    [
        ("northwind", {"client_secret": "wrong"}, 401, "invalid_client"),
        ("contoso", {}, 401, "invalid_client"),
        ("northwind", {"client_id": "", "client_secret": ""}, 401, "invalid_client"),
        ("northwind", {"grant_type": "password"}, 400, "invalidRequest"),
    ],
)
def test_a_token_is_refused_in_keycloak_s_shape(gateway, issued, realm, fields, status, error):
    answer = sign_in(gateway, issued, realm, **fields)
    assert (answer.status, answer.json["error"]) == (
        status,
        error.replace("invalidRequest", "invalid_request"),
    )
    assert set(answer.json) == {"error", "error_description"}


def test_a_chunked_import_is_complete_on_its_last_chunk(ready):
    first = ready.push("pushAgentEvents", HEADER + ROW, 3, "false")
    assert (first.json["state"], first.json["rows"], first.json["chunks"]) == ("open", 1, 1)
    assert [one["kind"] for one in ready.history()].count("agentEvents") == 0

    last = ready.push("pushAgentEvents", HEADER + ROW * 2, 3)
    assert (last.json["state"], last.json["rows"], last.json["chunks"]) == ("completed", 3, 2)
    [listed] = [one for one in ready.history() if one["kind"] == "agentEvents"]
    assert listed == {name: value for name, value in last.json.items() if name != "duplicate"}


def test_a_chunk_sent_again_counts_once_even_after_the_last(ready):
    answers = [
        ready.push("pushAgentEvents", HEADER + ROW, 3, last).json
        for last in ("false", "false", "true", "true")
    ]
    assert [(one["rows"], one["chunks"], one["duplicate"]) for one in answers] == [
        (1, 1, False),
        (1, 1, True),
        (1, 1, True),
        (1, 1, True),
    ]
    assert [one["state"] for one in answers] == ["open", "open", "completed", "completed"]
    assert ready.push("pushEventTypes", EVENT_TYPES, 1).json["duplicate"] is True


def test_the_other_paths_do_the_same(api):
    assert api.push("pushEventTypesAtOtherPath", EVENT_TYPES[0], 1).status == 200
    assert api.push("pushReasonCodesAtOtherPath", REASON_CODES, 2).status == 200
    answer = api.push("pushAgentEventsAtOtherPath", HEADER + ROW, 3, acdType="acd-1")
    assert (answer.status, answer.json["acdType"]) == (200, "acd-1")


def test_the_order_is_kept(api):
    for operation, body in (("pushReasonCodes", REASON_CODES), ("pushAgentEvents", HEADER + ROW)):
        refused = api.push(operation, body, 9)
        assert (refused.status, refused.json["error"]) == (409, "outOfOrder")
    api.push("pushEventTypes", EVENT_TYPES, 1, "false")
    assert api.push("pushReasonCodes", REASON_CODES, 9).json["error"] == "outOfOrder"
    api.push("pushEventTypes", EVENT_TYPES, 1)
    assert api.push("pushReasonCodes", REASON_CODES, 9).status == 200


REFUSALS = [  # status, code, what is different
    (409, "acdTypeChanged", {"acdType": "acd-1"}),
    (409, "importCompleted", {}),
    (400, "unknownAcdType", {"acdType": "other"}),
    (400, "invalidRequest", {"acdType": ""}),
    (400, "invalidRequest", {"pushToken": "nonsense"}),
    (400, "invalidRequest", {"lastChunk": "maybe"}),
    (400, "invalidRequest", {"headers": {"Tenant-ID": ""}}),
    (403, "wrongTenant", {"headers": {"Tenant-ID": "contoso"}}),
    (409, "pushTokenTaken", {"pushToken": token_number(1)}),
    (415, "invalidRequest", {"headers": {"Content-Type": "application/json"}}),
]


@pytest.mark.parametrize(("status", "code", "more"), REFUSALS)
def test_what_does_not_fit_is_refused_and_changes_nothing(ready, status, code, more):
    ready.push("pushAgentEvents", HEADER + ROW, 3)
    before = ready.history()

    answer = ready.push("pushAgentEvents", HEADER + ROW * 3, 3, **more)

    assert (answer.status, answer.json["error"]) == (
        status,
        code if code != "invalidRequest" else "invalid_request",
    )
    assert ready.history() == before


BAD = [  # CSV, (line, field) of each fault
    ("", [(None, "body")]),
    ("agentId,start\n", [(1, "eventType")]),
    ("agentId,eventType,start,start\n", [(1, None)]),
    (HEADER + ROW + "1007,READY\n", [(3, None)]),
    (HEADER + ROW + ",READY,,2026-11-03T08:00:00Z,\n", [(3, "agentId")]),
    (HEADER + "1,BUSY,NAP,2026-11-03T08:00:00Z,\n", [(2, "eventType"), (2, "reasonCode")]),
    (HEADER + "1,READY,,2026-11-03T08:00:00,\n1,READY,,soon,\n", [(2, "start"), (3, "start")]),
    (HEADER + "1,READY,,2026-11-03T08:00:00Z,2026-11-03T08:00:00+01:00\n", [(2, "end")]),
    (HEADER + f"{'x' * 201},READY,,2026-11-03T08:00:00Z,\n", [(2, "agentId")]),
    (HEADER + ROW + '"open\n', [(3, None)]),
]


@pytest.mark.parametrize(("text", "where"), BAD)
def test_bad_rows_are_named_by_line_and_nothing_is_taken(ready, text, where):
    answer = ready.push("pushAgentEvents", text, 3)

    assert answer.status == 400
    assert [(one.get("line"), one["field"] or None) for one in answer.json["errors"]] == where
    assert ready.push("pushAgentEvents", HEADER + ROW, 3, "false").json["chunks"] == 1


def test_tenants_do_not_see_each_other(ready, gateway, mallory):
    from tests.conftest import fetch_token

    token = fetch_token(create_app(name="Other", description="", by=mallory))
    assert gateway("GET", f"{ROOT}/_rest/scheduling/adherence/imports", token=token).json["total"] == 0
    assert len(ready.history()) == 2


def test_the_scopes_are_asked_for(api, gateway, issued):
    from tests.conftest import fetch_token

    api.token = fetch_token(issued, scope="adherence.read")
    assert api.push("pushEventTypes", EVENT_TYPES, 1).status == 403
