"""Schedules: searched, changed, asked to be changed, and written down."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

MARIA = "-1042"  # Leeds
DAY = {"startDate": "2026-11-04", "endDate": "2026-11-04"}


def selected(*employees: str, **selectors: Any) -> dict[str, Any]:
    return {"employeeSelector": {"employeeFilter": {"employeeIds": list(employees)}}, **selectors}


def day_of(sandbox: Any, employee: str = MARIA, day: str = "2026-11-04") -> list[dict[str, Any]]:
    days = {"startDate": day, "endDate": day}
    return sandbox("searchSegments", selected(employee, segmentSelector={"dateRange": days}))["segments"]


def audits(sandbox: Any, **selector: Any) -> list[tuple[str, Any, Any]]:
    body = selected(MARIA, segmentAuditSelector={"changedSince": "2026-11-03T15:00:00Z", **selector})
    return [
        (row["action"], row["segmentBefore"], row["segmentAfter"])
        for row in sandbox("searchSegmentAudits", body)["segmentAudits"]
    ]


def meeting(**changes: Any) -> dict[str, Any]:
    return {
        "employeeId": MARIA,
        "nominalDate": "2026-11-04",
        "type": "detail",
        "code": "MTG",
        "startTime": "2026-11-04T12:00:00+01:00",  # an hour ahead of Leeds
        "stopTime": "2026-11-04T12:30:00+01:00",
        **changes,
    }


def outcome(answer: Any) -> tuple[str, str | None]:
    [result] = answer["results"]
    return result["status"], result.get("error", {}).get("code")


def without(segment: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in segment.items() if name not in names}


def test_a_worked_day_is_one_shift_with_details_that_touch(sandbox):
    shift, *details = day_of(sandbox)

    assert (shift["type"], shift["code"], shift["startTime"]) == ("general", "SHIFT", None)
    assert [one["type"] for one in details] == ["detail"] * len(details)
    assert [one["stopTime"] for one in details[:-1]] == [one["startTime"] for one in details[1:]]
    assert details[0]["startTime"][:10] == "2026-11-04"


def test_the_schedule_is_the_same_on_every_call_and_day(sandbox):
    before = day_of(sandbox)
    sandbox.now += timedelta(days=1)

    assert day_of(sandbox) == before


def test_a_night_shift_keeps_its_length_when_the_clocks_change(sandbox):
    """Clocks in Kraków go back in the night to 25 October."""
    group = {"employeeGroupFilter": {"asOfDate": "2026-10-24", "employeeGroupIds": ["109"]}}
    body = {
        "employeeSelector": {"employeeFilter": group},
        "segmentSummarySelector": {"dateRange": {"startDate": "2026-10-24", "endDate": "2026-10-24"}},
    }
    nights = [row for row in sandbox("searchSegmentSummaries", body)["segmentSummaries"] if row["startTime"]]
    across = [row for row in nights if row["startTime"].endswith("+02:00")]

    assert len(across) >= 2
    for row in across:
        length = datetime.fromisoformat(row["stopTime"]) - datetime.fromisoformat(row["startTime"])
        assert row["startTime"][11:16] == "22:00"
        assert row["stopTime"].endswith("+01:00")
        assert length == timedelta(minutes=row["scheduledMinutes"])


def test_time_off_needs_an_account(sandbox):
    days = {"startDate": "2026-10-20", "endDate": "2026-11-17"}
    body = {"segmentSelector": {"dateRange": days, "perspectiveId": "2"}, "maxResults": 1000}
    definitions = sandbox("searchSegmentDefinitions", {})["segmentDefinitions"]
    account_type = {row["code"]: row["accountTypeId"] for row in definitions}
    accounts = {(row["employeeId"], row["accountTypeId"]) for row in sandbox.state.all("personalAccounts")}

    absences = sandbox("searchSegments", body)["segments"]
    taken = {(row["employeeId"], account_type[row["code"]]) for row in absences if row["code"] != "LEAVE"}

    assert {row["code"] for row in absences} == {"LEAVE", "VAC", "SICK", "PERS", "TOIL"}
    assert taken - accounts == set()


def test_search_combines_criteria_and_pages(sandbox):
    selector = {"dateRange": DAY, "types": ["detail"], "codes": ["BRK", "LUN", "SHIFT"]}
    everything = sandbox("searchSegments", {"segmentSelector": selector, "maxResults": 1000})
    page = sandbox("searchSegments", {"segmentSelector": selector, "startIndex": 50, "maxResults": 7})

    assert {row["code"] for row in everything["segments"]} == {"BRK", "LUN"}
    assert everything["totalCount"] == len(everything["segments"])
    assert page["segments"] == everything["segments"][50:57]


@pytest.mark.parametrize(
    ("days", "code"),
    [
        ({"startDate": "2026-11-02", "endDate": "2026-11-01"}, "invalidValue"),
        ({"startDate": "2026-10-01", "endDate": "2026-11-01"}, "rangeTooLong"),
    ],
)
def test_a_wrong_range_is_refused(sandbox, days, code):
    answer = sandbox.answer("searchSegments", {"segmentSelector": {"dateRange": days}})

    assert (answer.status, answer.error, answer.field) == (
        400,
        code,
        "body.segmentSelector.dateRange.endDate",
    )


def test_days_nobody_keeps_have_no_segments(sandbox):
    for day in ("0001-01-01", "2024-11-04", "9999-12-31"):
        assert day_of(sandbox, day=day) == []


def test_a_meeting_makes_room_and_is_written_down(sandbox):
    before = day_of(sandbox)
    answer = sandbox("createSegments", {"segments": [meeting(memo="Tariffs")]})
    after = day_of(sandbox)

    created = answer["results"][0]["segment"]
    assert outcome(answer) == ("created", None)
    assert (created["startTime"], created["version"]) == ("2026-11-04T11:00:00+00:00", 1)
    assert created in after
    assert [one["stopTime"] for one in after[1:-1]] == [one["startTime"] for one in after[2:]]
    assert (after[1]["startTime"], after[-1]["stopTime"]) == (before[1]["startTime"], before[-1]["stopTime"])
    lines = audits(sandbox)
    assert ("created", None, created) in lines
    gone = [row for row in before if row not in after]
    fresh = [row for row in after if row not in before]
    assert [row for _, row, _ in lines if row] == gone
    assert sorted(row["startTime"] for _, _, row in lines if row) == [row["startTime"] for row in fresh]


def test_a_stale_version_fails_and_changes_nothing(sandbox):
    sandbox("createSegments", {"segments": [meeting()]})
    current = next(row for row in day_of(sandbox) if row["code"] == "MTG")
    wanted = without({**current, "memo": "Bring figures"}, "version")
    pair = {"currentSegment": current, "updateSegment": wanted}
    first = sandbox("updateSegments", {"segments": [pair]})
    stored = day_of(sandbox)
    again = sandbox("updateSegments", {"segments": [pair]})

    assert first["results"][0]["segment"] == {**wanted, "version": 2}
    assert outcome(again) == ("failed", "versionMismatch")
    assert day_of(sandbox) == stored
    assert ("updated", current, {**wanted, "version": 2}) in audits(sandbox, actions=["updated"])


def test_an_update_that_changes_nothing_leaves_no_line(sandbox):
    current = day_of(sandbox)[1]
    pair = {"currentSegment": current, "updateSegment": without(current, "version")}

    assert outcome(sandbox("updateSegments", {"segments": [pair]})) == ("unchanged", None)
    assert audits(sandbox) == []


def test_delete_takes_out_what_was_described(sandbox):
    target = day_of(sandbox)[2]
    other = {**target, "memo": "not what is stored"}

    assert outcome(sandbox("deleteSegments", {"segments": [other]})) == ("failed", "versionMismatch")
    assert outcome(sandbox("deleteSegments", {"segments": [without(target, "version")]})) == ("deleted", None)
    assert target not in day_of(sandbox)
    assert audits(sandbox) == [("deleted", target, None)]
    assert outcome(sandbox("deleteSegments", {"segments": [target]})) == ("failed", "segmentNotFound")


def test_a_shift_that_becomes_vacation_loses_its_details(sandbox):
    shift, *details = day_of(sandbox)
    pair = {"currentSegment": shift, "updateSegment": without({**shift, "code": "VAC"}, "version")}
    sandbox("updateSegments", {"segments": [pair]})

    assert [row["code"] for row in day_of(sandbox)] == ["VAC"]
    assert [action for action, _, _ in audits(sandbox)] == ["updated"] + ["deleted"] * len(details)
    body = selected(MARIA, segmentSummarySelector={"dateRange": DAY})
    [day] = sandbox("searchSegmentSummaries", body)["segmentSummaries"]
    assert (day["workedMinutes"], day["paidMinutes"]) == (0, day["timeOffMinutes"])


@pytest.mark.parametrize("operation", ["createSegments", "updateSegments", "deleteSegments"])
def test_a_request_does_not_touch_the_schedule(sandbox, operation):
    before = day_of(sandbox)
    current, wanted = before[2], without({**before[2], "memo": "please"}, "version")
    item = {
        "createSegments": meeting(),
        "updateSegments": {"currentSegment": current, "updateSegment": wanted},
        "deleteSegments": current,
    }[operation]
    answer = sandbox(operation, {"saveAsRequest": True, "segments": [item]})

    assert outcome(answer) == ("requested", None)
    assert day_of(sandbox) == before
    [request] = sandbox.state.all("segmentRequests")
    assert (request["id"], request["status"]) == (answer["results"][0]["segmentRequestId"], "pending")
    assert len(audits(sandbox, savedAsRequest=True)) == 1
    assert audits(sandbox, savedAsRequest=False) == []


@pytest.mark.parametrize(
    ("item", "code"),
    [
        (meeting(employeeId="99"), "employeeNotFound"),
        (meeting(nominalDate="2030-01-01"), "dateOutOfRange"),
        (meeting(code="FAX"), "segmentCodeInvalid"),
        (meeting(code="VAC"), "segmentCodeInvalid"),
        (meeting(stopTime="2026-11-04T11:00:00+00:00"), "periodInvalid"),
        (meeting(startTime="2026-11-03T12:00:00+00:00"), "periodInvalid"),
        (meeting(startTime="2026-11-04T12:00:30+01:00"), "valueInvalid"),
        (meeting(startTime=None), "valueInvalid"),
        (without(meeting(type="general", code="OFF"), "startTime", "stopTime"), "segmentExists"),
        (meeting(nominalDate="2027-02-01"), "periodInvalid"),
    ],
)
def test_an_impossible_segment_fails_alone(sandbox, item, code):
    answer = sandbox("createSegments", {"segments": [item, meeting()]})

    assert [row["status"] for row in answer["results"]] == ["failed", "created"]
    assert answer["results"][0]["error"]["code"] == code


def test_vacation_can_be_created_beyond_the_plan_and_stays_in_the_account_year(sandbox):
    days = [
        {"employeeId": MARIA, "nominalDate": day, "type": "general", "code": "VAC"}
        for day in ("2026-12-23", "2027-01-04")
    ]
    answer = sandbox("createSegments", {"segments": days})

    assert [row["status"] for row in answer["results"]] == ["created", "failed"]
    assert answer["results"][1]["error"]["code"] == "personalAccountNotFound"
    assert [row["code"] for row in day_of(sandbox, day="2026-12-23")] == ["VAC"]


def test_old_audit_lines_give_way(sandbox, monkeypatch):
    monkeypatch.setattr("catalog.apis.workforce.segment_changes.MOST_AUDITS", 5)
    sandbox("createSegments", {"segments": [meeting()]})

    assert len(sandbox.state.all("segmentAudits")) == 5


def test_summaries_and_resolutions_count_the_same_minutes(sandbox):
    days = {"startDate": "2026-10-26", "endDate": "2026-11-08"}
    sandbox("createSegments", {"segments": [meeting()]})
    body = selected(MARIA, "-1043", "-1046", maxResults=1000)
    summaries = sandbox("searchSegmentSummaries", {**body, "segmentSummarySelector": {"dateRange": days}})
    resolved = sandbox(
        "searchScheduleTimePeriodResolutions",
        {**body, "scheduleTimePeriodResolutionSelector": {"dateRange": days, "perspectiveId": "5"}},
    )
    paid = {
        (row["employeeId"], row["nominalDate"]): row["paidMinutes"]
        for row in summaries["segmentSummaries"]
        if row["paidMinutes"]
    }

    assert len(paid) >= 20
    assert paid == {
        (row["employeeId"], row["nominalDate"]): sum(period["minutes"] for period in row["timePeriods"])
        for row in resolved["scheduleTimePeriodResolutions"]
    }


def test_an_unknown_perspective_is_refused_by_name(sandbox):
    answer = sandbox.answer("searchSegments", {"segmentSelector": {"perspectiveId": "99"}})

    assert (answer.status, answer.field) == (400, "body.segmentSelector.perspectiveId")
