"""Contacts recorded elsewhere: sent in one form or in two steps, then found like any other."""

from __future__ import annotations

import json

import pytest

from tests.catalog.calabrio.forms import packed, send, sound

HEAD = "AgentId,ContactStartTimeMs,CalledAddress,CallingAddress,Recording1,Recording2,metadata.caseId\r\n"
START = 1_781_532_000_000
FOUND = {"query": {"beginDate": "2026-06-01", "endDate": "2026-06-30"}}


def rows(*lines):
    return HEAD + "".join(f"{line}\r\n" for line in lines)


def statuses(answer):
    return [one["status"] for one in answer.json["contacts"]]


def said(answer):
    [row] = answer.json["contacts"]
    assert row["status"] == "failed", row
    return row["message"]


def one(api, row, **files):
    made = {f"{name}.{kind}": data for name, (kind, data) in files.items()}
    return send(api, "importContacts", {"batch.csv": rows(row), **made})


def test_contacts_are_imported_and_found(api):
    files = {
        "c601.wav": sound(2500),
        "batch.csv": rows(
            f"7,{START},5100,6125550100,c601.wav,c601.webmv,C-7",
            f"MERIDIAN\\dreyes7,{START + 1000},5101,6125550101,c602.wav,,",
        ),
        "c601.webmv": b"film",
        "c699.wav": sound(),
    }
    answer = send(api, "importContacts", files)
    [first, second] = answer.json["contacts"]

    assert (first["status"], second["status"]) == ("imported", "failed")
    assert second["message"] == "The recording c602.wav is not in the upload."
    assert answer.json["recordings"] == [
        {"key": "c601.wav", "status": "stored", "contactId": first["contactId"]},
        {"key": "c601.webmv", "status": "stored", "contactId": first["contactId"]},
        {"key": "c699.wav", "status": "ignored", "message": "No contact that was imported names it."},
    ]
    contact = api("getContact", id=first["contactId"], query={"expand": "metadata"})
    assert contact["metadata"] == {"caseId": "C-7"}
    assert (contact["ani"], contact["dnis"], contact["callDuration"]) == ("6125550100", "5100", 2500)
    assert (contact["audioUploaded"], contact["screenUploaded"], contact["startTime"]) == (True, True, START)
    assert contact["agent"]["lastName"] == "Reyes"
    found = api("listContacts", query={**FOUND["query"], "metadata": "caseId~equals~c-7"})
    assert [row["id"] for row in found] == [first["contactId"]]
    assert [row["id"] for row in api("listContacts", query={**FOUND["query"], "ani": "61255501??"})] == [
        first["contactId"]
    ]


def test_a_zip_is_unpacked_in_place_without_its_folders(api):
    archive = packed({"a/b/batch.csv": rows(f"7,{START},,,c601.wav,,"), "sounds/c601.wav": sound()})

    assert statuses(send(api, "importContacts", {"all.zip": archive})) == ["imported"]
    assert statuses(
        send(
            api,
            "importContacts",
            {"x.zip": packed({"c601.wav": sound()}), "b.csv": rows(f"7,{START},,,c601.wav,,")},
        )
    ) == ["imported"]


def test_json_has_records_of_its_own(api):
    record = {
        "AgentId": "dana.reyes@meridian.example",
        "AssocCallId": "A-1",
        "Calling": "4101",
        "ClientTimeZone": "Central Standard Time",
        "ContactStartTimeMs": START,
        "Direction": 1,
        "Audio": {"Location": "c501.wav"},
        "CustomMetadata": {"orderNumber": "77120"},
    }
    files = {
        "one.json": json.dumps([record, {**record, "Audio": [{"Location": "c5.wav"}] * 2}]),
        "c501.wav": sound(),
    }
    answer = send(api, "importContacts", files)

    assert statuses(answer) == ["imported", "failed"]
    contact = api("getContact", id=answer.json["contacts"][0]["contactId"])
    assert (contact["tz"], contact["assocCallId"]) == ("America/Chicago", "A-1")
    [found] = api("listContacts", query={**FOUND["query"], "assocCallId": "A-1"})
    assert found["id"] == contact["id"]


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (f"999,{START},,,a.wav,,", "no such person"),
        ("7,yesterday,,,a.wav,,", "epoch milliseconds"),
        (f"7,{START},,,a.mp3,,", "ends in one of"),
        (f"7,{START},,,,,", "1 to 128 characters"),
        (f"7,{START},{'5' * 65},,a.wav,,", "at most 64"),
        (f"7,{START},,,a.wav,b.wav,", "at most one audio"),
        (f"7,{START},,,a.wav,,{'x' * 2057}", "at most 2056"),
        (f"7,{START}", "as wide as the header"),
        (f"no.one@meridian.example,{START},,,a.wav,,", "no such person"),
    ],
)
def test_a_row_fails_alone_and_says_why(api, row, words):
    answer = send(api, "importContacts", {"batch.csv": rows(row), "a.wav": sound(), "b.wav": sound()})

    assert words in said(answer)


WRONG = {  # the code, the files
    "no metadata": ("required", {"a.wav": b"x"}),
    "another kind": ("invalidValue", {"a.exe": b"x"}),
    "a header without Recording1": ("wrongHeader", {"a.csv": "AgentId\r\n7\r\n"}),
    "an unknown column": ("wrongHeader", {"a.csv": "AgentId,Recording1,Colour\r\n7,a.wav,red\r\n"}),
    "a name too often": ("duplicate", {"x/a.wav": b"x", "y.zip": packed({"a.wav": b"x"})}),
    "no JSON": ("invalidValue", {"a.json": "{"}),
    "not UTF-8": ("invalidValue", {"a.csv": b"AgentId,Recording1\r\n\xff,a.wav\r\n"}),
    "no ZIP": ("invalidValue", {"a.zip": b"PK no zip"}),
    "a ZIP in a ZIP": ("invalidValue", {"a.zip": packed({"b.zip": packed({"a.wav": b"x"})})}),
    "too many rows": ("tooMany", {"a.csv": "AgentId,Recording1\r\n" + "7,a.wav\r\n" * 1001}),
    "too many rows in two files": (
        "tooMany",
        {
            "a.csv": "AgentId,Recording1\r\n" + "7,a.wav\r\n" * 600,
            "b.csv": "AgentId,Recording1\r\n" + "7,a.wav\r\n" * 600,
        },
    ),
    "too many files": ("tooMany", {"a.zip": packed({f"{n}.wav": b"" for n in range(1001)})}),
    "a bomb": ("tooLarge", {"a.zip": packed({"a.wav": bytes(41 * 1024 * 1024)})}),
    "a bomb in parts": (
        "tooLarge",
        {f"{n}.zip": packed({f"{n}.wav": bytes(21 * 1024 * 1024)}) for n in range(2)},
    ),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_what_is_wrong_as_a_whole_is_refused(api, wrong):
    code, files = WRONG[wrong]
    answer = send(api, "importContacts", files)

    assert (answer.status, answer.json["code"]) == (400, code)


def test_a_thousand_rows_are_taken(api):
    text = "AgentId,Recording1\r\n" + "7,a.wav\r\n" * 1000

    assert set(statuses(send(api, "importContacts", {"a.csv": text, "a.wav": b""}))) == {"imported"}


def test_recordings_follow_their_metadata(api):
    body = {"AgentId": "7", "Audio": [{"Location": "c.wav"}], "Screen": [{"Location": "c.webm"}]}
    told = api("importContactMetadata", body)
    [audio], [screen] = told["audio"], told["screen"]
    before = api("getContact", id=told["contactId"])
    stored = api.answer("uploadAudio", sound(3000), media_type="audio/wav", query={"id": audio["id"]})
    halfway = api("getContact", id=told["contactId"])
    api.answer("uploadVideo", b"film", media_type="video/webm", query={"id": screen["id"]})
    after = api("getContact", id=told["contactId"])

    assert [(one["audioUploaded"], one["screenUploaded"]) for one in (before, halfway, after)] == [
        (False, False),
        (True, False),
        (True, True),
    ]
    assert (stored.json["size"], after["callDuration"]) == (len(sound(3000)), 3000)
    again = api.answer("uploadAudio", b"x", media_type="audio/wav", query={"id": audio["id"]})
    swapped = api.answer("uploadVideo", b"x", media_type="video/webm", query={"id": audio["id"]})
    unknown = api.answer("uploadAudio", b"x", media_type="audio/wav", query={"id": 1})
    assert (again.status, swapped.status, unknown.status) == (409, 404, 404)


def test_metadata_without_an_agent_is_the_users_own(api):
    contact = api("getContact", id=api("importContactMetadata", {})["contactId"])

    assert contact["agent"]["lastName"] == "Nand"
    assert contact["audioUploaded"] is False


@pytest.mark.parametrize(
    "wrong",
    [{"AgentId": "999"}, {"ClientTimeZone": "Mars"}, {"Audio": [{}]}, {"Screen": {"Location": "a.wav"}}],
)
def test_metadata_that_is_wrong_is_refused(api, wrong):
    assert api.answer("importContactMetadata", wrong).status == 400
