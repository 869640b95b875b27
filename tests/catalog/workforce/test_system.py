"""Clocks, zones and settings."""

from __future__ import annotations

from datetime import UTC, datetime


def test_system_time_is_the_time_of_the_call_in_the_zones_asked_for(sandbox):
    sandbox.now = datetime(2026, 7, 1, 12, 0, 5, 900_000, tzinfo=UTC)
    answer = sandbox("getSystemTime", timeZones=["Asia/Kolkata", "Europe/London"])

    assert answer["utcTime"] == "2026-07-01T12:00:05Z"
    assert (answer["serverTime"], answer["serverTimeZone"]) == (
        "2026-07-01T08:00:05-04:00",
        "America/New_York",
    )
    assert answer["timeZones"] == [
        {
            "timeZone": "Asia/Kolkata",
            "currentTime": "2026-07-01T17:30:05+05:30",
            "abbreviation": "IST",
            "utcOffsetMinutes": 330,
            "daylightSaving": False,
        },
        {
            "timeZone": "Europe/London",
            "currentTime": "2026-07-01T13:00:05+01:00",
            "abbreviation": "BST",
            "utcOffsetMinutes": 60,
            "daylightSaving": True,
        },
    ]


def test_a_zone_that_does_not_exist_is_refused(sandbox):
    for name in ("Europe/Atlantis", "Europe", "../etc/passwd"):
        answer = sandbox.answer("getSystemTime", timeZones=["Europe/London", name])
        assert (answer.status, answer.error, answer.field) == (400, "invalidValue", "query.timeZones")


def test_system_parameters_are_those_asked_for(sandbox):
    answer = sandbox("getSystemParameters", names=["schedule.daysAhead", "no.such.name", "schedule.daysKept"])

    assert [(row["name"], row["value"]) for row in answer["systemParameters"]] == [
        ("schedule.daysAhead", "42"),
        ("schedule.daysKept", "400"),
    ]


def test_time_zones_page(sandbox):
    everything = sandbox("getTimeZones", maxResults=1000)
    page = sandbox("getTimeZones", startIndex=10, maxResults=5)
    berlin = sandbox("getTimeZones", nameContains="BERLIN")["timeZones"]

    assert page["timeZones"] == everything["timeZones"][10:15]
    assert everything["totalCount"] > 300
    assert [row["timeZone"] for row in berlin] == ["Europe/Berlin"]


def test_system_information_agrees_with_the_employees(sandbox):
    information = sandbox("getSystemInformation")
    body = {"employeeSelector": {"employeeFilter": {"activeStatus": "active"}}}
    active = sandbox("searchEmployees", body)["totalCount"]

    assert information["state"] == "running"
    assert information["configuration"]["activeEmployees"] == active
