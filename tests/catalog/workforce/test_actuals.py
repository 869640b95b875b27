"""What people did fits what they were to do, and ends now."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

WEEK = {"startDate": "2026-10-28", "endDate": "2026-11-03"}
LEEDS = {"employeeGroupFilter": {"employeeGroupIds": ["104"]}}


def ask(sandbox: Any, operation: str, selector: str, days: Any = WEEK, **more: Any) -> list[dict[str, Any]]:
    body = {
        "employeeSelector": {"employeeFilter": LEEDS},
        selector: {"dateRange": days, **more},
        "maxResults": 1000,
    }
    answer = sandbox(operation, body)
    [rows] = [value for value in answer.values() if isinstance(value, list)]
    assert answer["totalCount"] == len(rows)
    return rows


def adherences(sandbox: Any, **more: Any) -> list[dict[str, Any]]:
    return ask(sandbox, "searchAdherences", "adherenceSelector", **more)


def test_adherence_agrees_with_the_schedule(sandbox):
    summaries = ask(sandbox, "searchSegmentSummaries", "segmentSummarySelector")
    scheduled = {
        (row["employeeId"], row["nominalDate"]): row["scheduledMinutes"] * 60
        for row in summaries
        if row["scheduledMinutes"] and row["nominalDate"] < "2026-11-03"
    }
    rows = adherences(sandbox, days={**WEEK, "endDate": "2026-11-02"})

    assert {(row["employeeId"], row["nominalDate"]): row["scheduledSeconds"] for row in rows} == scheduled
    for row in rows:
        missed = sum(one["seconds"] for one in row["exceptions"])
        assert row["adherentSeconds"] == row["scheduledSeconds"] - missed
        assert 70 < row["adherencePercent"] <= 100
        assert 80 < row["conformancePercent"] < 110


def test_nothing_happens_after_now(sandbox):
    sandbox.now = datetime(2026, 11, 3, 11, 0, tzinfo=UTC)
    today = {"startDate": "2026-11-03", "endDate": "2026-11-05"}
    rows = adherences(sandbox, days=today)

    assert {row["nominalDate"] for row in rows} == {"2026-11-03"}
    for row in rows:
        assert row["scheduledSeconds"] <= 3 * 3600 + 1800  # who starts first starts at 07:30
        assert all(datetime.fromisoformat(one["stopTime"]) <= sandbox.now for one in row["exceptions"])
    sandbox.now = datetime(2026, 11, 3, 4, 0, tzinfo=UTC)
    assert adherences(sandbox, days=today) == []


def test_an_adherence_grows_with_the_day_and_keeps_its_past(sandbox):
    sandbox.now = datetime(2026, 11, 3, 11, 0, tzinfo=UTC)
    early = {row["employeeId"]: row for row in adherences(sandbox, days={**WEEK, "startDate": "2026-11-03"})}
    sandbox.now = datetime(2026, 11, 3, 13, 0, tzinfo=UTC)
    late = {row["employeeId"]: row for row in adherences(sandbox, days={**WEEK, "startDate": "2026-11-03"})}

    assert early
    for key, row in early.items():
        whole = [one for one in row["exceptions"] if one["stopTime"] < "2026-11-03T10:55"]
        assert late[key]["exceptions"][: len(whole)] == whole


def test_a_perspective_limits_the_scheduled_time(sandbox):
    days = {**WEEK, "endDate": "2026-11-02"}
    everything = adherences(sandbox, days=days)
    contacts = adherences(sandbox, days=days, perspectiveId="4", includeExceptions=False)
    resolved = ask(
        sandbox,
        "searchScheduleTimePeriodResolutions",
        "scheduleTimePeriodResolutionSelector",
        days=days,
        perspectiveId="4",
    )

    minutes = {
        (row["employeeId"], row["nominalDate"]): sum(one["minutes"] for one in row["timePeriods"])
        for row in resolved
    }
    assert {
        (row["employeeId"], row["nominalDate"]): row["scheduledSeconds"] // 60 for row in contacts
    } == minutes
    assert sum(row["scheduledSeconds"] for row in contacts) < sum(
        row["scheduledSeconds"] for row in everything
    )
    assert [row["exceptions"] for row in contacts] == [[]] * len(contacts)


def test_super_state_hours_and_productivity_tell_the_same_story(sandbox):
    hours = ask(sandbox, "searchSuperStateHours", "superStateHourSelector")
    figures = ask(sandbox, "searchAgentProductivities", "agentProductivitySelector")

    def added(rows: list[dict[str, Any]], day: str, field: str) -> dict[tuple[str, str], int]:
        result: dict[tuple[str, str], int] = {}
        for row in rows:
            key = (row["employeeId"], row[day])
            result[key] = result.get(key, 0) + row[field]
        return result

    handling = [row for row in hours if row["superStateId"] == "1" and row["actualSeconds"]]
    available = [row for row in hours if row["superStateId"] == "2"]
    assert added(figures, "date", "handleSeconds") == added(handling, "nominalDate", "actualSeconds")
    assert added(figures, "date", "availableSeconds") == added(available, "nominalDate", "actualSeconds")
    for row in figures:
        assert row["handleSeconds"] == row["talkSeconds"] + row["holdSeconds"] + row["afterContactSeconds"]
        assert row["signedInSeconds"] == row["handleSeconds"] + row["availableSeconds"]


def test_scheduled_super_state_hours_are_those_of_the_schedule(sandbox):
    days = {**WEEK, "endDate": "2026-11-02"}
    hours = ask(sandbox, "searchSuperStateHours", "superStateHourSelector", days=days)
    summaries = ask(sandbox, "searchSegmentSummaries", "segmentSummarySelector", days=days)

    assert sum(row["scheduledSeconds"] for row in hours) == sum(
        60 * row["scheduledMinutes"] for row in summaries
    )


def test_productivity_names_logins_and_evaluates_formulas(sandbox):
    rows = ask(sandbox, "searchAgentProductivities", "agentProductivitySelector", formulaSetId="901")

    assert rows
    for row in rows:
        employee = sandbox.state.get("employees", row["employeeId"])
        assert row["loginId"] in [
            login["loginId"]
            for login in employee["acdLogins"]
            if login["acdInstanceId"] == row["acdInstanceId"]
        ]
        values = {one["key"]: one["value"] for one in row["formulas"]}
        assert list(values) == ["averageHandleTime", "contactsPerHour", "occupancy"]
        if row["contactsHandled"]:
            average = row["handleSeconds"] / row["contactsHandled"]
            assert values["averageHandleTime"] == pytest.approx(average, abs=0.01)


def test_a_changed_schedule_changes_what_is_expected(sandbox):
    body = {
        "employeeSelector": {"employeeFilter": {"employeeIds": ["-1042"]}},
        "segmentSelector": {"dateRange": {"startDate": "2026-11-02", "endDate": "2026-11-02"}},
    }
    before = {
        row["employeeId"]: row["scheduledSeconds"]
        for row in adherences(sandbox)
        if row["nominalDate"] == "2026-11-02"
    }
    target = sandbox("searchSegments", body)["segments"][1]
    sandbox("deleteSegments", {"segments": [target]})
    after = {
        row["employeeId"]: row["scheduledSeconds"]
        for row in adherences(sandbox)
        if row["nominalDate"] == "2026-11-02"
    }

    start, stop = (datetime.fromisoformat(target[name]) for name in ("startTime", "stopTime"))
    assert before.pop("-1042") - after.pop("-1042") == (stop - start).total_seconds()
    assert after == before


def test_at_most_a_week_is_answered(sandbox):
    days = {"startDate": "2026-10-27", "endDate": "2026-11-03"}
    answer = sandbox.answer("searchAdherences", {"adherenceSelector": {"dateRange": days}})

    assert (answer.status, answer.error) == (400, "rangeTooLong")
