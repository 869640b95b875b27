"""What people build with this API, from the first call to the last."""

from __future__ import annotations

import csv
import io

from django.utils import timezone

from catalog.models import SandboxJob
from catalog.sandbox import jobs

CONTACTS = "RP1_32_0_k3b8w1r6t9y2u5i0p4a7"
TEAMS = "RP1_31_0_q7m2n8v4c1x0z5s9d3f6g"
BROKEN = "RP1_33_0_h4h4h4h4h4h4h4h4h4h4"


def export(qname, filters="[]", rows=10_000):
    name = "com.stytch.rest.api.v4.data"
    return {
        "schemaName": f"{name}.report.action.ExportActionData",
        "action": "EXPORT_CSV",
        "state": {"schemaName": f"{name}.report.ReportSpecData", "qname": qname},
        "paramValues": {"encodedParamValues": filters, "qnameContent": qname},
        "pageSpecification": [{"offset": 0, "limit": rows}, {"offset": 0, "limit": 100}],
    }


def work():
    """What a worker does next."""
    SandboxJob.objects.update(due=timezone.now())
    for job in SandboxJob.objects.all():
        jobs.work(job.pk)


def table(answer):
    return list(csv.reader(io.StringIO(answer.body.decode())))


def test_a_small_report_comes_at_once(api):
    filters = "[{'name':'pTeam','value':{'isAll':'false','values':[4.0],'containsNull':'false'}}]"
    head, *rows = table(api.answer("exportReport", export(TEAMS, filters), reportId=TEAMS))

    assert head == ["Team", "Contacts", "Average Duration"]
    assert [row[0] for row in rows] == ["Care East"]
    assert (
        api.answer("exportReport", export(TEAMS, '[{"name":"x","value":{}}]'), reportId=TEAMS).status == 400
    )


def test_a_large_report_is_polled_until_it_is_there(api):
    started = api("exportReport", export(CONTACTS), reportId="32")
    key, seen = started["requestId"], [started["status"]]
    for _ in range(2):
        work()
        answer = api.answer("fetchReportExport", requestId=key)
        seen.append(answer.json["status"] if answer.json else answer.headers["content-type"])

    assert seen == ["Queued", "Processing", "text/csv; charset=utf-8"]
    assert len(table(answer)) - 1 > 200
    assert answer.headers["content-extent"] == f"rows={len(table(answer)) - 1};columns=7"


def test_an_export_asked_for_again_cancels_the_one_that_waits(api):
    first, second = (api("exportReport", export(CONTACTS), reportId="32")["requestId"] for _ in range(2))

    assert api("fetchReportExport", requestId=first)["status"] == "Canceled"
    assert api("fetchReportExport", requestId=second)["status"] == "Queued"


def test_a_report_that_keeps_failing_is_not_tried_any_more(api):
    seen = []
    for _ in range(4):
        key = api("exportReport", export(BROKEN), reportId="33")["requestId"]
        work()
        work()
        seen.append(api("fetchReportExport", requestId=key)["status"])

    assert seen == ["Failed", "Failed", "Blacklisted", "Blacklisted"]


def test_posted_states_turn_up_and_move_adherence(api):
    day = "2026-06-15"
    before = next(row for row in api("listAdherence", query={"date": day}) if row["agentId"] == "101")
    begin = 1_781_496_000_000  # midnight in New York, as the tenant's zone is
    hour = 3_600_000
    api(
        "submitStateChanges",
        [
            {
                "acdAgentId": "4101",
                "gisStateIdentifier": 1,
                "timestamp": begin + 5 * hour,
                "reasonCode": "12",
            },
            {"acdAgentId": "4101", "gisStateIdentifier": 10, "timestamp": begin + 6 * hour},
        ],
    )
    states = api(
        "listAgentStates", {"agentIds": [101]}, query={"fromTime": begin, "toTime": begin + 6 * hour}
    )
    after = next(row for row in api("listAdherence", query={"date": day}) if row["agentId"] == "101")
    inside = api(
        "listAgentStates",
        {"agentIds": [101]},
        query={"fromTime": begin + 5 * hour + 1, "toTime": begin + 7 * hour},
    )

    [*_, last] = states[0]["realTimeActivities"]
    assert last == {"agentState": "LOGGED_OUT", "reasonCode": "12", "timestamp": begin + 5 * hour}
    assert [one["agentState"] for one in inside[0]["realTimeActivities"]] == ["LOGGED_OUT", "HOLD"]
    # On hold from before the shift to its end: all of it in service, and only the pauses out of adherence.
    assert 0 < before["actualInServiceSeconds"] < after["actualInServiceSeconds"] == after["scheduledSeconds"]
    pauses = after["scheduledSeconds"] - after["scheduledInServiceSeconds"]
    assert after["notInAdherenceSeconds"] == pauses > 0


def test_a_recording_is_exported_and_downloaded(api):
    query = {"type": "WAV"}
    assert api("exportContact", query=query) == {"encoding": "true"}
    assert api.answer("downloadContact", query=query).status == 404
    work()
    answer = api.answer("downloadContact", query=query)

    assert answer.body[:4] == b"RIFF"
    assert answer.headers["content-disposition"] == 'attachment; filename="c501.wav"'


def test_a_phrase_that_is_created_is_found_in_texts(api):
    assert [hit["phrase"] for hit in api("getTextHits", query={"CCRID": 9001})["hits"]] == ["refund"]
    api("createPhrase", {"phrase": "MY ORDER", "categoryId": 14})

    hits = api("getTextHits", query={"ccrid": 9001})["hits"]
    assert [(hit["position"], hit["length"]) for hit in hits] == [(15, 6), (26, 8)]


def test_a_call_is_paused_segmented_and_tagged(api):
    paused = api("pauseRecording", {}, query={"personId": "dana.reyes@meridian.example"})
    again = api("controlForPerson", {}, personId="7", command="Pause")
    segment = api("segmentContact", {"delete": "true"}, query={"personId": "7"})
    api("attachMetadata", {"metadata": [{"name": "orderNumber", "value": "1"}]}, query={"personId": "7"})

    assert (paused["applied"], again["applied"], segment["paused"]) == (True, False, False)
    assert api.answer("getContact", id=segment["contactId"]).status == 404
    [only] = api("listContacts", query={"inProgress": "true", "expand": "metadata"})
    assert (only["id"], only["metadata"]) == (segment["newContactId"], {"orderNumber": "1"})


def test_an_exception_changes_the_schedule(api):
    week = {"fromDate": "2026-06-15", "toDate": "2026-06-21"}
    days = api("getAgentShifts", query=week, agentId=104)["activitiesByDate"]
    assert [bool(day["scheduledActivities"]) for day in days].count(False) == 2
    [first, *_] = next(day["scheduledActivities"] for day in days if day["scheduledActivities"])
    body = {"agentId": 104, "genericException": 5, "entireDay": False, "startTimeEpoch": first["startTime"]}
    api("requestException", {**body, "endTimeEpoch": first["startTime"] + 1_800_000})
    days = api("getAgentShifts", query=week, agentId=104)["activitiesByDate"]
    some = next(day["scheduledActivities"] for day in days if day["scheduledActivities"])

    kinds = [(one["activityType"], one["activityDetailName"]) for one in some[:2]]
    assert kinds == [("exception", "Training"), ("in_service", first["activityDetailName"])]


NARROWED = [
    ({"ani": ["612*", "9*"]}, 0),
    ({"ani": "9*"}, -1),
    ({"metadata": "orderNumber~beginsWith~7"}, -1),
    ({"silenceEvents": 2, "silenceDuration": 5000}, -1),
    ({"beginDate": "2000-01-01"}, 1),
]


def test_contacts_are_narrowed(api):
    everything = len(api("listContacts"))
    for query, expected in NARROWED:
        some = len(api("listContacts", query=query))
        assert (some > everything) - (some < everything) == expected, query
