"""Forecasts, and intra-day performance with the searches it keeps."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest


def forecasts(sandbox: Any, first: str, last: str, group: str = "503") -> list[dict[str, Any]]:
    days = {"startDate": first, "endDate": last}
    body = {"forecastSelector": {"forecastGroupIds": [group], "dateRange": days}}
    return sandbox("searchForecasts", body)["forecasts"]


def details(sandbox: Any, day: str, minutes: int, group: str = "503") -> list[dict[str, Any]]:
    days = {"startDate": day, "endDate": day}
    selector = {"forecastGroupIds": [group], "dateRange": days, "intervalMinutes": minutes}
    body = {"forecastDetailSelector": selector, "maxResults": 1000}
    return sandbox("searchForecastDetails", body)["forecastDetails"]


def test_a_week_has_a_believable_shape(sandbox):
    week = [row["contacts"] for row in forecasts(sandbox, "2026-11-02", "2026-11-08")]

    assert max(week) == week[0]
    assert max(week[5:]) < min(week[:5])


def test_a_day_peaks_before_noon_and_is_closed_at_night(sandbox):
    rows = details(sandbox, "2026-11-03", 30)
    peak = max(rows, key=lambda row: row["contacts"])

    assert 9 <= datetime.fromisoformat(peak["startTime"]).hour <= 12
    for row in rows:
        hour = datetime.fromisoformat(row["startTime"]).hour
        assert (row["contacts"] > 0) == (8 <= hour < 18), row["startTime"]
        assert (row["requiredStaff"] > 0) == (row["contacts"] > 0)


@pytest.mark.parametrize("group", ["501", "503", "507", "508"])
def test_details_add_up_to_the_day(sandbox, group):
    [day] = forecasts(sandbox, "2026-11-03", "2026-11-03", group)
    quarters, halves = (details(sandbox, "2026-11-03", minutes, group) for minutes in (15, 30))

    assert sum(row["contacts"] for row in quarters) == day["contacts"]
    assert [row["contacts"] for row in halves] == [
        one["contacts"] + two["contacts"] for one, two in zip(quarters[::2], quarters[1::2], strict=True)
    ]


@pytest.mark.parametrize(("day", "quarters"), [("2026-10-24", 96), ("2026-10-25", 100), ("2027-03-28", 92)])
def test_days_when_clocks_change_are_longer_or_shorter(sandbox, day, quarters):
    """In London."""
    rows = details(sandbox, day, 15)
    times = [datetime.fromisoformat(row["startTime"]) for row in rows]

    assert len(rows) == quarters
    assert {two - one for one, two in pairwise(times)} == {timedelta(minutes=15)}
    assert times[0].time().isoformat() == "00:00:00"


def test_a_summary_adds_up_the_course_of_its_day(sandbox):
    body = {"idpSummarySelector": {"forecastGroupIds": ["501"]}}
    [summary] = sandbox("searchIdpSummaries", body)["idpSummaries"]
    course = sandbox("searchIdp", {}, id=summary["id"])

    assert course["summary"] == summary
    over = [row for row in course["intervals"] if row["actualContacts"] is not None]
    assert summary["actualContacts"] == sum(row["actualContacts"] for row in over)
    assert summary["forecastContactsSoFar"] == sum(row["forecastContacts"] for row in over)
    assert summary["forecastContacts"] == sum(row["forecastContacts"] for row in course["intervals"])
    assert 0 < len(over) < len(course["intervals"])
    ends = [datetime.fromisoformat(row["startTime"]) + timedelta(minutes=30) for row in over]
    assert max(ends) <= sandbox.now < max(ends) + timedelta(minutes=30)


def test_scheduled_staff_are_the_people_scheduled(sandbox):
    """Contact work and case work of team 104, by the schedule; its people live in the group's own zone."""
    summary = sandbox("searchIdpSummaries", {"idpSummarySelector": {"idpIds": ["9503"]}})["idpSummaries"][0]
    body = {
        "employeeSelector": {"employeeFilter": {"employeeGroupFilter": {"employeeGroupIds": ["104"]}}},
        "segmentSelector": {
            "dateRange": {"startDate": "2026-11-03", "endDate": "2026-11-03"},
            "segmentCategoryIds": ["1", "4"],
        },
        "maxResults": 1000,
    }
    seconds = 0.0
    for row in sandbox("searchSegments", body)["segments"]:
        start, stop = (datetime.fromisoformat(row[name]) for name in ("startTime", "stopTime"))
        seconds += (stop - start).total_seconds()

    assert summary["scheduledStaffHours"] == pytest.approx(seconds / 3600, abs=0.3)
    assert 0.4 < summary["scheduledStaffHours"] / summary["requiredStaffHours"] < 2.5


def test_an_unknown_idp_is_not_found(sandbox):
    answer = sandbox.answer("searchIdp", {}, id="9999")

    assert (answer.status, answer.error) == (404, "idpNotFound")


def test_a_kept_search_shows_its_moment_on_every_page(sandbox):
    kept = sandbox("searchIdpDetails", {"idpDetailSelector": {"media": ["voice"]}})
    first = sandbox("getIdpDetails", searchId=kept["searchId"], maxResults=1000)
    sandbox.now += timedelta(minutes=29, seconds=59)
    later = sandbox("getIdpDetails", searchId=kept["searchId"], maxResults=1000)
    page = sandbox("getIdpDetails", searchId=kept["searchId"], startIndex=40, maxResults=25)

    assert first["totalCount"] == kept["totalCount"] == len(first["idpDetails"])
    assert later == first
    assert page["idpDetails"] == first["idpDetails"][40:65]
    assert {row["forecastGroupId"] for row in first["idpDetails"]} == {
        str(key) for key in (501, 502, 503, 504, 506, 507)
    }


def test_a_kept_search_expires(sandbox):
    kept = sandbox("searchIdpForecasts", {})
    assert kept["expiresAt"] == "2026-11-03T15:50:30Z"
    sandbox.now += timedelta(minutes=30)
    answer = sandbox.answer("getIdpForecasts", searchId=kept["searchId"])

    assert (answer.status, answer.error, answer.field) == (410, "searchExpired", "query.searchId")


def test_a_kept_search_belongs_to_its_operation(sandbox):
    kept = sandbox("searchIdpForecasts", {})
    answers = [
        sandbox.answer(name, searchId=key)
        for name, key in (("getIdpDetails", kept["searchId"]), ("getIdpForecasts", "0" * 32))
    ]

    assert [(answer.status, answer.error) for answer in answers] == [(404, "searchNotFound")] * 2


def test_the_oldest_search_gives_way(sandbox, monkeypatch):
    monkeypatch.setattr("catalog.apis.workforce.idp.MOST_SEARCHES", 3)
    kept = []
    for _ in range(4):
        sandbox.now += timedelta(seconds=1)
        kept.append(sandbox("searchIdpStaffGroups", {"idpStaffGroupSelector": {"staffGroupIds": ["403"]}}))
    answers = [sandbox.answer("getIdpStaffGroups", searchId=one["searchId"]).status for one in kept]

    assert answers == [404, 200, 200, 200]
    assert len(sandbox.state.all("idpSearches")) == 3


def test_a_staff_group_has_as_many_people_as_its_forecast_group_sees(sandbox):
    selector = {"staffGroupIds": ["403"], "intervalMinutes": 15}
    kept = sandbox("searchIdpStaffGroups", {"idpStaffGroupSelector": selector})
    staff = sandbox("getIdpStaffGroups", searchId=kept["searchId"])["staffGroups"]
    course = sandbox("searchIdp", {}, id="9503")["intervals"]

    names = ("startTime", "requiredStaff", "scheduledStaff", "actualStaff")
    assert [[row[name] for name in names] for row in staff] == [
        [row[name] for name in names] for row in course
    ]
