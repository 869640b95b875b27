"""E-mails and chats, in a body or in files: found as contacts, with what their words say."""

from __future__ import annotations

import json

import pytest

from tests.catalog.calabrio.forms import packed, send

TIME = 1_781_539_200_000
RECORD = {
    "time": TIME,
    "username": "dana.reyes@meridian.example",
    "text": "I want a Refund now.",
    "id": "m-1",
}
HEAD = "textType,filename,time,username,evalForm,receiver,metadata,id\r\n"
ROW = f"email,m1.txt,{TIME},dana.reyes@meridian.example,Care QA,a@b.example|c@d.example,orderNumber=77,x1\r\n"


def sent(api, *records, operation="importTexts", **more):
    return api(operation, {"textType": "Email", "records": list(records)} | more)


def test_a_text_is_found_with_the_phrases_in_it(api):
    told = sent(api, {**RECORD, "subject": "money", "metadata": {"orderNumber": "77"}}, evalForm={"id": 5})
    key = told["records"][0]["contactId"]
    hits = api("getTextHits", query={"ccrid": key})

    assert (told["imported"], told["skipped"], told["failed"]) == (1, 0, 0)
    assert (hits["emailBody"], hits["subject"], hits["date"]) == (RECORD["text"], "money", TIME)
    assert [one["phrase"] for one in hits["hits"]] == ["refund"]
    assert api("getContact", id=key)["audioUploaded"] is False
    assert api.answer("getSpeechHits", query={"ccrid": key}).status == 404


def test_the_form_counts_once_the_contact_is_kept_for_quality(api):
    record = {**RECORD, "username": "priya.nand@meridian.example"}  # the user, who has no other contact
    key = sent(api, record, evalForm={"name": "Care QA"})["records"][0]["contactId"]
    before = api("getContact", id=key)
    assert api("tagCall")["contactId"] == key

    assert "evalForm" not in before
    assert api("getContact", id=key)["evalForm"]["name"] == "Care QA"


def test_a_text_comes_once_for_its_kind(api):
    again = sent(api, RECORD, RECORD)
    other = api("replaceTexts", {"textType": "chat", "records": [RECORD]})
    late = sent(api, RECORD, operation="replaceTexts")

    assert [one["status"] for one in again["records"]] == ["imported", "skipped"]
    assert (other["imported"], late["skipped"]) == (1, 1)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"username": "nobody@meridian.example"}, "username"),
        ({"metadata": {"colour": "red"}}, "metadata"),
        ({"evalForm": {"id": 99}}, "evalForm"),
    ],
)
def test_a_record_fails_alone_and_says_where(api, wrong, field):
    more = {"evalForm": wrong.pop("evalForm")} if "evalForm" in wrong else {}
    told = sent(api, {**RECORD, **wrong}, **more)

    assert (told["failed"], told["records"][0]["field"]) == (1, field)


def test_rows_come_as_csv_too(api):
    answer = api.answer("importTexts", (HEAD + ROW + "email,m1.txt\r\n").encode(), media_type="text/csv")

    assert [one["status"] for one in answer.json["records"]] == ["imported", "failed"]
    assert api.answer("importTexts", b"textType\r\nemail\r\n", media_type="text/csv").status == 400
    assert api.answer("importTexts", b"\xff", media_type="text/csv").status == 400
    assert api.answer("importTexts", {"textType": "fax", "records": [RECORD]}).status == 400


def test_files_of_texts_are_read_by_name(api):
    record = {**RECORD, "textType": "chat", "filename": "deep/c1.txt", "id": "c1"}
    del record["text"]
    files = {
        "data.csv": HEAD + ROW + ROW.replace("m1.txt", "gone.txt").replace("x1", "x2"),
        "data.json": json.dumps([record, {**record, "filename": "broken.txt", "id": "c2"}, 7]),
        "m1.txt": "Please close my account.",
        "rest.zip": packed({"deep/c1.txt": "Hello äöü", "broken.txt": b"\xff\xfe\xfa"}),
    }
    answer = send(api, "importTextFiles", files).json
    told = [(one["file"], one["row"], one["status"], one.get("field")) for one in answer["records"]]

    assert told == [
        ("data.csv", 1, "imported", None),
        ("data.csv", 2, "failed", "filename"),
        ("data.json", 1, "imported", None),
        ("data.json", 2, "failed", "filename"),
        ("data.json", 3, "failed", None),
    ]
    first, third = (answer["records"][place]["contactId"] for place in (0, 2))
    mail = api("getTextHits", query={"ccrid": first})
    assert (mail["emailBody"], mail["receiver"]) == ("Please close my account.", "a@b.example, c@d.example")
    assert [one["phrase"] for one in mail["hits"]] == ["close my account"]
    assert api("getTextHits", query={"ccrid": third})["emailBody"] == "Hello äöü"


@pytest.mark.parametrize(
    "files", [{"m1.txt": "only a text"}, {"a.csv": HEAD + ROW * 1001}, {"a.json": "["}, {"a.zip": b"PK"}]
)
def test_what_is_wrong_as_a_whole_is_refused(api, files):
    assert send(api, "importTextFiles", files).status == 400
