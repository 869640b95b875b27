"""The six things people build with this API, walked from the first call to the last."""

from __future__ import annotations

from functools import partial
from typing import Any

from catalog.openapi.document import frame
from catalog.sandbox import Call, state
from catalog.sandbox.engine import collections, store
from tests.catalog.workforce.conftest import NOW, TODAY, Sandbox

LEEDS = {"employeeSelector": {"employeeFilter": {"employeeGroupFilter": {"employeeGroupIds": ["104"]}}}}
WEEK = {"startDate": "2026-10-26", "endDate": "2026-11-01"}


def people(sandbox: Sandbox) -> dict[str, Any]:
    return {row["id"]: row for row in sandbox("searchEmployees", {**LEEDS, "maxResults": 1000})["employees"]}


def default_perspective(sandbox: Sandbox, purpose: str) -> str:
    purposes = sandbox("getPerspectivePurposes")["perspectivePurposes"]
    [wanted] = [row["id"] for row in purposes if row["name"] == purpose]
    selector = {"perspectivePurposeIds": [wanted], "default": True}
    [found] = sandbox("searchPerspectives", {"perspectiveSelector": selector})["perspectives"]
    return found["id"]


def test_employee_schedules(sandbox):
    employees = people(sandbox)
    meanings = {row["code"] for row in sandbox("searchSegmentDefinitions", {})["segmentDefinitions"]}
    selector = {"dateRange": WEEK, "perspectiveId": default_perspective(sandbox, "Schedule display")}
    segments: list[Any] = []
    while True:  # as the guide about pages says
        asked = {**LEEDS, "segmentSelector": selector, "startIndex": len(segments), "maxResults": 400}
        page = sandbox("searchSegments", asked)
        segments += page["segments"]
        if not page["segments"] or len(segments) >= page["totalCount"]:
            break

    assert len(segments) > 1000
    assert {row["code"] for row in segments} <= meanings
    working = {key for key, row in employees.items() if row["hireDate"] <= "2026-10-26"}
    assert {row["employeeId"] for row in segments} == working


def test_employees_and_agent_productivity(sandbox):
    employees = people(sandbox)
    systems = {row["id"] for row in sandbox("searchAcdInstances", {})["acdInstances"]}
    groups = sandbox("getAgentProductivityAcdGroups")["agentProductivityAcdGroups"]
    selector = {"dateRange": {"startDate": "2026-11-02", "endDate": "2026-11-02"}}
    body = {**LEEDS, "agentProductivitySelector": selector, "maxResults": 1000}
    rows = sandbox("searchAgentProductivities", body)["agentProductivities"]

    assert len(rows) >= 10
    assert {row["acdInstanceId"] for row in rows} <= systems
    assert {row["acdGroupId"] for row in rows} <= {row["id"] for row in groups}
    for row in rows:
        logins = employees[row["employeeId"]]["acdLogins"]
        assert (row["acdInstanceId"], row["loginId"]) in {
            (one["acdInstanceId"], one["loginId"]) for one in logins
        }
    zones = {row["timeZone"] for row in sandbox("getTimeZones", maxResults=1000)["timeZones"]}
    assert {row["timeZone"] for row in employees.values()} <= zones


def test_intraday_performance(sandbox):
    routing = {row["id"]: row for row in sandbox("searchRoutingSets", {})["routingSets"]}
    forecast = {row["id"]: row for row in sandbox("searchForecastGroups", {})["forecastGroups"]}
    staff = {row["id"]: row for row in sandbox("searchStaffGroups", {})["staffGroups"]}
    summaries = sandbox("searchIdpSummaries", {})["idpSummaries"]

    assert {row["forecastGroupId"] for row in summaries} == set(forecast)
    for row in summaries:
        assert row["forecastGroupId"] in routing[row["routingSetId"]]["forecastGroupIds"]
        for key in row["staffGroupIds"]:
            assert row["forecastGroupId"] in staff[key]["forecastGroupIds"]
        assert row["scheduledStaffHours"] > 0


def test_adherence(sandbox):
    employees = people(sandbox)
    perspective = default_perspective(sandbox, "Adherence")
    body = {**LEEDS, "adherenceSelector": {"perspectiveId": perspective}}
    rows = sandbox("searchAdherences", body)["adherences"]
    states = {row["id"] for row in sandbox("searchSuperStates", {})["superStates"]}

    assert rows
    assert {row["employeeId"] for row in rows} <= set(employees)
    named = {one["actualSuperStateId"] for row in rows for one in row["exceptions"]}
    assert named - {None} <= states


def test_time_off_balances(sandbox):
    people_of_leeds = people(sandbox)
    accounts = sandbox("searchPersonalAccounts", {**LEEDS, "maxResults": 1000})["personalAccounts"]
    chosen = [row for row in accounts if row["name"] == "Vacation"]
    changes = [
        {
            "personalAccountId": row["id"],
            "balance": "7.25",
            "unit": row["unit"],
            "idempotencyKey": f"run-1-{row['id']}",
        }
        for row in chosen
    ]
    body = {"personalAccountBalances": changes}
    first = sandbox("updatePersonalAccountBalances", body)["results"]
    second = sandbox("updatePersonalAccountBalances", body)["results"]
    selector = {"personalAccountBalanceSelector": {"personalAccountIds": [row["id"] for row in chosen]}}
    stored = sandbox("searchPersonalAccountBalances", selector)["personalAccountBalances"]

    assert {row["employeeId"] for row in chosen} == set(people_of_leeds)
    assert {row["status"] for row in first} == {"updated"}
    assert {row["status"] for row in second} == {"unchanged"}
    assert {row["personalAccountId"]: row["balance"] for row in stored} == {
        row["id"]: "7.25" for row in chosen
    }


def test_worked_hours(sandbox):
    selector = {"dateRange": WEEK, "perspectiveId": default_perspective(sandbox, "Worked hours")}
    body = {**LEEDS, "scheduleTimePeriodResolutionSelector": selector, "maxResults": 1000}
    resolved = sandbox("searchScheduleTimePeriodResolutions", body)["scheduleTimePeriodResolutions"]
    summary = {**LEEDS, "segmentSummarySelector": {"dateRange": WEEK}, "maxResults": 1000}
    summaries = sandbox("searchSegmentSummaries", summary)["segmentSummaries"]

    hours = [one for row in resolved for one in row["timePeriods"]]
    for name in ("worked", "overtime"):
        counted = sum(one["minutes"] for one in hours if one[name])
        assert counted == sum(row[f"{name}Minutes"] for row in summaries) > 0


def test_what_planners_changed_is_in_the_schedule_and_in_the_audits(sandbox):
    body = {"segmentAuditSelector": {"actions": ["updated"]}, "maxResults": 1000}
    lines = sandbox("searchSegmentAudits", body)["segmentAudits"]

    assert len(lines) >= 15
    for line in lines:
        days = {"startDate": line["nominalDate"], "endDate": line["nominalDate"]}
        selector = {"segmentSelector": {"dateRange": days, "codes": ["TRN"]}}
        chosen = {"employeeSelector": {"employeeFilter": {"employeeIds": [line["employeeId"]]}}}
        assert line["changedBy"] == "planner"
        assert line["segmentAfter"] in sandbox("searchSegments", chosen | selector)["segments"]


def test_a_changed_schedule_survives_a_restart(sandbox, programs, document, northwind):
    """In the database, as a tenant's real sandbox."""
    keys = collections(frame(document))
    rows = store(tenant_id=northwind.pk, api="workforce", keys=keys, today=TODAY)
    day = {"startDate": "2026-11-04", "endDate": "2026-11-04"}
    search = {
        "employeeSelector": {"employeeFilter": {"employeeIds": ["-1042"]}},
        "segmentSelector": {"dateRange": day},
    }

    def run(operation: str, body: Any, held: Any) -> Any:
        call = Call(body, {}, {}, {}, held, NOW, sandbox.zone, "req", operation)
        return programs[operation].run(call).body

    before = run("searchSegments", search, rows.snapshot(rows.version()))
    assert before == run("searchSegments", search, sandbox.state)
    lunch = sandbox("searchSegments", search)["segments"][-1]
    rows.write(partial(run, "deleteSegments", {"segments": [lunch]}))
    after = run("searchSegments", search, rows.snapshot(rows.version()))
    state.forget()

    assert after != before
    assert run("searchSegments", search, rows.snapshot(rows.version())) == after
