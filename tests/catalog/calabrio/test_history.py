"""Contact history of queues: taken at once or by a worker, and read back as a report."""

from __future__ import annotations

import csv
import io
import json

import pytest

from tests.catalog.calabrio.forms import send
from tests.catalog.calabrio.test_stories import export, work

REPORT = "RP1_34_0_w2e4r6t8y1u3i5o7p9a0"
HEAD = "serviceNumber,serviceName,date,period,receivedCalls,handledCalls,avgTalkTime,avgACWTime"
SERVER = {"acdServerId": "2"}


def rows(*lines, more=""):
    return f"{HEAD}{more}\r\n" + "".join(f"{line}\r\n" for line in lines)


def row(day="2026-06-15", period="09:00", queue="5100", received="31", **more):
    return ",".join([queue, "Care Voice", day, period, received, "30", "185.5", "22", *more.values()])


def report(api, filters="[]"):
    answer = api.answer("exportReport", export(REPORT, filters), reportId="34")
    assert answer.status == 200, answer.body
    return [line[0:1] + line[2:9] for line in list(csv.reader(io.StringIO(answer.body.decode())))[1:]]


def sent(api, operation, text, name="day.csv", **query):
    return send(api, operation, {name: text}, query={**SERVER, **query})


def test_history_is_taken_at_once_and_read_as_a_report(api):
    told = sent(
        api, "importHistory", rows(row(), row(queue="5199"), row(queue="x"), "5100"), name="a.SERVICE"
    )
    [file] = told.json["files"]

    assert (file["file"], file["stored"], file["failed"]) == ("a.SERVICE", 1, 3)
    assert [(one["row"], one.get("field")) for one in file["errors"]] == [
        (2, "serviceNumber"),  # out of scope
        (3, "serviceNumber"),
        (4, None),
    ]
    assert report(api) == [["5100", "2026-06-15", "09:00", "31", "30", "185.5", "22", "0"]]


def test_a_later_row_replaces_an_earlier_one(api):
    sent(api, "importHistory", rows(row(), row(period="09:30")))
    sent(api, "importHistory", rows(row(received="40")))

    assert [line[2:4] for line in report(api)] == [["09:00", "40"], ["09:30", "31"]]


def test_an_uploaded_file_is_taken_by_a_worker(api):
    told = sent(api, "uploadHistory", rows(row()))
    before = report(api)
    work()

    assert told.json["files"][0]["file"].endswith("_ServiceHistorical.SERVICE")
    assert (before, [line[1] for line in report(api)]) == ([], ["2026-06-15"])


def test_a_mapping_names_the_columns(api):
    columns = dict(zip("QNDPRHTW", HEAD.split(","), strict=True))
    mapping = [
        {"column": c, "field": f, "dataType": "DD/MM/YYYY" if c == "D" else "Text"}
        for c, f in columns.items()
    ]
    text = "Q,N,D,P,R,H,T,W,Other\r\n" + row(day="05/06/2026") + ",x\r\n"
    fields = {"mapping": json.dumps({"mapping": mapping})}
    send(api, "importMappedHistory", {"a.csv": text}, fields, query=SERVER)
    work()

    assert [line[1] for line in report(api)] == ["2026-06-05"]
    for wrong in (
        {},
        {"mapping": mapping[1:]},
        {"tenantId": 2, "mapping": mapping},
        {"mapping": [{"column": "Z"}]},
    ):
        fields = {"mapping": json.dumps(wrong)}
        assert send(api, "importMappedHistory", {"a.csv": text}, fields, query=SERVER).status == 400
    assert send(api, "importMappedHistory", {"a.csv": text}, {"mapping": "["}, query=SERVER).status == 400


@pytest.mark.parametrize(
    ("day", "zone", "told"),
    [
        ("2026-06-15", "TENANT", ["2026-06-15", "02:00"]),
        ("2026/06/15", "TENANT", ["2026-06-15", "02:00"]),
        ("06/15/2026", "TENANT", ["2026-06-15", "02:00"]),
        ("15/06/2026", "TENANT", ["2026-06-15", "02:00"]),
        ("05/06/2026", "TENANT", ["2026-05-06", "02:00"]),  # the month first
        ("2026-06-15", "UTC", ["2026-06-14", "22:00"]),  # in New York
    ],
)
def test_days_come_in_four_formats_and_two_zones(api, day, zone, told):
    sent(api, "uploadHistory", rows(row(day=day, period="02:00")), timeZone=zone)
    work()

    assert [line[1:3] for line in report(api)] == [told]


def test_the_report_takes_a_range_of_days(api):
    sent(api, "importHistory", rows(row(day="2026-06-14"), row(day="2026-06-15")))
    begin = 1_781_496_000_000  # midnight in New York on the fifteenth
    filters = f'[{{"name": "pDate", "value": {{"rangeStart": {begin}}}}}]'

    assert [line[1] for line in report(api, filters)] == ["2026-06-15"]


@pytest.mark.parametrize(
    ("more", "value", "queue", "field"),
    [
        (",serviceLevel", "101", "5100", "serviceLevel"),
        (",occupancyRatio", "1.5", "5100", "occupancyRatio"),
        (",contactsInQueue", "3", "5100", "contactsInQueue"),
        (",contactsInQueue", "3", "5103", None),  # mail is not interactive
        (",ASA", "-1", "5100", "ASA"),
        (",ASA", "", "5100", None),
    ],
)
def test_a_value_out_of_range_fails_its_row(api, more, value, queue, field):
    [file] = sent(api, "importHistory", rows(row(queue=queue, more=value), more=more)).json["files"]

    assert [one["field"] for one in file["errors"]] == ([field] if field else [])
    assert file["stored"] == (field is None)


def test_what_is_wrong_as_a_whole_is_refused(api):
    assert sent(api, "importHistory", rows(row()), acdServerId="9").status == 400
    assert sent(api, "importHistory", rows(row()), name="a.txt").status == 400
    assert sent(api, "importHistory", rows(*[row()] * 1001)).status == 400
    assert sent(api, "uploadHistory", rows(row()), name="a.SERVICE").status == 400
    assert sent(api, "uploadHistory", "date\r\n").status == 400
    assert send(api, "importHistory", {}, {"note": "no file"}, query=SERVER).status == 400


def test_history_of_agents_is_kept_unread(api):
    told = sent(api, "importHistory", "whatever", name="20260615.AGENT")

    assert told.json["files"] == [{"file": "20260615.AGENT", "stored": 0, "failed": 0, "errors": []}]
