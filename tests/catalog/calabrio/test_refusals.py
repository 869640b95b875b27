"""Every refusal that the document lists for an operation is reached by a call, and no other one."""

from __future__ import annotations

from typing import Any

import pytest

from apps.services import create_app
from catalog.gateway.bodies import LARGEST
from catalog.sandbox import state
from tests.catalog.calabrio.conftest import Client, needed, parameters, samples
from tests.catalog.calabrio.forms import TYPE, form
from tests.conftest import fetch_token

NOTHING = 999_999
OPEN = {"signIn", "readSession", "probeTenant"}  # count by address: see tests/catalog/test_entrances.py
UNKNOWN = {  # what is not there, where no number in the address says it: body, query, path
    "addPerson": ({"personId": NOTHING}, {}, {}),
    "controlForPerson": (None, {}, {"personId": "nobody"}),
    "attachMetadataForPerson": ({"metadata": []}, {}, {"personId": "nobody"}),
    "fetchReportExport": (None, {}, {"requestId": "none"}),
    "findNewestContact": (None, {"ani": "nobody"}, {}),
    "getSpeechHits": (None, {"ccrid": NOTHING}, {}),
    "getTextHits": (None, {"ccrid": NOTHING}, {}),
    "getTranscript": ({"ccrid": NOTHING}, {}, {}),
    "requestException": ({"agentId": NOTHING}, {}, {}),
    "updateCategory": ({"id": NOTHING}, {}, {}),
    "updatePhrase": ({"id": NOTHING}, {}, {}),
    "uploadAudio": (b"x", {"id": NOTHING}, {}),
    "uploadVideo": (b"x", {"id": NOTHING}, {}),
}
CONTROLS = "logInDevice logOutDevice attachMetadata pauseRecording resumeRecording segmentContact"
CONTROLS += " startScreenRecording stopScreenRecording tagCall"
UNKNOWN |= {key: (None, {"personId": "nobody"}, {}) for key in CONTROLS.split()}


def documented(found: Any, status: str) -> set[str]:
    return {key for key, one in found.items() if status in one.definition["operation"]["responses"]}


def first(one: Any) -> tuple[str, Any]:
    """Media type and body of the first example."""
    return samples(one)[0]


def ordered(found: Any) -> list[tuple[str, Any]]:
    """Deletions after the rest, and last of all the end of the token."""
    return sorted(found.items(), key=lambda pair: (pair[0] == "signOut", pair[1].method == "DELETE"))


def statuses(found: Any, client: Client, **given: Any) -> dict[str, int]:
    """What each operation answers to its example."""
    seen = {}
    for key, one in found.items():
        kind, body = first(one)
        seen[key] = client.answer(key, body, media_type=kind, query=needed(one), **given).status
    return seen


def test_without_a_token_nothing_opens(found, validators, calabrio):
    seen = statuses(found, Client(found, validators, "none"))

    assert {key for key, status in seen.items() if status == 401} == documented(found, "401")


def scopes_of(one: Any) -> list[str]:
    return [scope for way in one.definition["operation"]["security"] for scope in way.get("oauth2", ())]


def test_every_operation_needs_its_scope(found, validators, calabrio, ada):
    app = create_app(name="Narrow", description="", by=ada)
    needs = {key: scopes_of(one) for key, one in found.items()}
    scopes = {scope for some in needs.values() for scope in some}
    without = {
        scope: Client(found, validators, fetch_token(app, scope=" ".join(scopes - {scope})))
        for scope in scopes
    }
    refused = set()
    for key, wanted in needs.items():
        if wanted:
            kind, body = first(found[key])
            answer = without[wanted[0]].answer(key, body, media_type=kind, query=needed(found[key]))
            assert (answer.status, answer.json["code"]) == (403, "insufficientScope"), key
            assert wanted[0] in answer.json["errorMessage"]
            refused.add(key)

    assert refused == documented(found, "403")


def test_a_scope_alone_opens_its_operation(found, validators, calabrio, ada):
    app = create_app(name="Narrow", description="", by=ada)
    tokens: dict[str, str] = {}
    for key, one in found.items():
        for scope in scopes_of(one):
            tokens.setdefault(scope, fetch_token(app, scope=scope))
            kind, body = first(one)
            answer = Client(found, validators, tokens[scope]).answer(
                key, body, media_type=kind, query=needed(one)
            )
            assert answer.status not in (401, 403), (key, answer.body)


def test_more_than_ten_megabytes_are_refused(found, api):
    body = bytes(LARGEST + 1)
    seen = {
        key: api.answer(key, body, media_type=first(one)[0], query=needed(one)).status
        for key, one in found.items()
        if documented_body(one)
    }

    assert set(seen.values()) == {413}
    assert set(seen) == documented(found, "413")


def documented_body(one: Any) -> Any:
    return one.definition["operation"].get("requestBody")


@pytest.mark.parametrize(
    "operation", ["importContacts", "importTextFiles", "importGroups", "uploadAudio", "importTexts"]
)
def test_up_to_ten_megabytes_are_taken(api, found, operation):
    kind, body = first(found[operation])
    if kind == TYPE:
        body = form({"rows.csv": "", "filler.bin": b""}, name="a")
        body = form(
            {
                "filler.wav" if operation == "importContacts" else "filler.txt": bytes(
                    LARGEST - len(body) - 200
                )
            }
        )
        assert LARGEST - 1000 < len(body) <= LARGEST
    elif operation == "uploadAudio":
        body = bytes(LARGEST)
    else:
        body = b"x" * LARGEST
        kind = "text/csv"

    assert api.answer(operation, body, media_type=kind, query=needed(found[operation])).status in (400, 404)


def test_a_body_of_another_kind_is_refused(found, api):
    seen = {
        key: api.answer(key, b"x", media_type="application/x-other", query=needed(one)).status
        for key, one in found.items()
        if documented_body(one)
    }

    assert set(seen.values()) == {415}
    assert set(seen) == documented(found, "415")


def test_a_call_too_many_is_refused(found, validators, calabrio, ada):
    app = create_app(name="Slow", description="", by=ada)
    app.app.rate_limit = 1
    app.app.save()
    client = Client(found, validators, fetch_token(app))
    for key in found.keys() - {"signOut"} - OPEN:
        kind, body = first(found[key])
        seen = [
            client.answer(key, body, media_type=kind, query=needed(found[key])).status == 429
            for _ in range(2)
        ]
        assert seen == [False, True], key
    assert documented(found, "429") == set(found)


def test_what_does_not_fit_is_refused(found, api):
    seen = {key: broken(api, one) for key, one in ordered(found)}

    assert {key for key, status in seen.items() if status == 400} == documented(found, "400")


def broken(api: Client, one: Any) -> int:
    """The status of a call with one thing wrong: its body, else a parameter, else nothing can be."""
    key = one.operation_id
    if documented_body(one):
        kind, _ = first(one)
        query = {} if key in ("uploadAudio", "uploadVideo") else needed(one)
        body = {"text/csv": b"\xff", TYPE: b"no form"}.get(kind, b"{" if "json" in kind else b"x")
        return int(api.answer(key, body, media_type=kind, query=query).status)
    for place in ("path", "query"):
        for entry in parameters(one, place):
            value = "x" * 300 if entry["schema"].get("maxLength") else "x"
            if place == "path":
                answer = api.answer(key, query=needed(one), **{entry["name"]: value})
            else:
                answer = api.answer(key, query=needed(one) | {entry["name"]: value})
            if answer.status == 400:
                return 400
    return int(api.answer(key, query="%").status) if parameters(one, "query") else 0


def test_what_is_not_there_is_not_found(found, api):
    seen = {}
    for key, one in ordered(found):
        if key not in documented(found, "404"):
            continue
        more, query, path = UNKNOWN.get(key, (None, {}, {}))
        kind, body = first(one)
        if key == "exportReport":
            body = {**body, "state": {**body["state"], "qname": "none"}}
        elif isinstance(more, dict):
            body = {**(body or {}), **more}
        elif more is not None:
            body = more
        numbers = [
            entry["name"] for entry in parameters(one, "path") if entry["schema"].get("type") == "integer"
        ]
        path = {**dict.fromkeys(numbers, NOTHING), **path}
        names = [
            entry["name"] for entry in parameters(one, "path") if entry["name"] in ("permission", "group")
        ]
        path |= dict.fromkeys(names, "Nobody")
        seen[key] = api.answer(key, body, media_type=kind, query={**needed(one), **query}, **path).status

    assert {key for key, status in seen.items() if status == 404} == documented(found, "404")


def test_a_full_sandbox_takes_no_more_and_what_stands_in_the_way_stays(found, api, monkeypatch):
    slots = api("importContactMetadata", {"Audio": {"Location": "a.wav"}, "Screen": {"Location": "a.webm"}})
    in_use = {key: conflict(api, found[key], slots) for key in IN_THE_WAY}
    assert set(in_use.values()) == {409}, in_use
    monkeypatch.setattr(state, "MOST_ROWS", 0)
    full = set()
    for key, one in ordered(found):
        kind, body = first(one)
        kind, body = FULL_WITH.get(key, (kind, body))
        query = needed(one) | ({"personId": 7} if key in CONTROLS.split() else {})
        answer = api.answer(key, body, media_type=kind, query=query)
        if answer.status == 409 and answer.json["code"] == "sandboxFull":
            full.add(key)

    assert full | set(IN_THE_WAY) == documented(found, "409")


TEXT_ROW = "textType,filename,time,username\r\nemail,m.txt,0,dana.reyes@meridian.example\r\n"
FULL_WITH = {  # where the example alone adds nothing
    "importContacts": (TYPE, form({"a.csv": "AgentId,Recording1\r\n7,a.wav\r\n", "a.wav": b""})),
    "importTextFiles": (TYPE, form({"a.csv": TEXT_ROW, "m.txt": "hello"})),
}
IN_THE_WAY = {  # body, path
    "changePlaceholderGroup": ({"name": "Back Office"}, {}),
    "saveGroup": ({"name": "Back Office"}, {}),
    "updateCommonGroup": ({"name": "Back Office"}, {}),
    "updateTeam": ({"name": "Care West"}, {"teamId": 4}),
    "updatePerson": ({"email": "ivo.lindqvist@meridian.example"}, {}),
    "updateServiceQueue": ({"name": "Care Chat", "agentIds": []}, {}),
    "updateSkillMapping": ({"name": "Mail Skill", "agents": []}, {}),
    "deleteCommonGroup": ({}, {}),
    "deleteTeam": ({}, {}),
    "deleteServiceQueue": ({}, {"serviceQueueId": 6}),
    "uploadAudio": ("audio", {}),
    "uploadVideo": ("screen", {}),
}


def conflict(api: Client, one: Any, slots: Any) -> int:
    more, path = IN_THE_WAY[one.operation_id]
    kind, body = first(one)
    if isinstance(more, str):
        query = {"id": slots[more][0]["id"]}
        assert api.answer(one.operation_id, body, media_type=kind, query=query).status == 200
        return int(api.answer(one.operation_id, body, media_type=kind, query=query).status)
    body = {**body, **more} if more else body
    return int(api.answer(one.operation_id, body, media_type=kind, query=needed(one), **path).status)
