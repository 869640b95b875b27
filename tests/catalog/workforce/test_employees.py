"""Updates of employees, statuses and balances."""

from __future__ import annotations

from typing import Any

import pytest


def outcome(answer: Any) -> tuple[str, str | None]:
    [result] = answer["results"]
    return result["status"], result.get("error", {}).get("code")


def by_id(sandbox: Any, key: str) -> dict[str, Any]:
    body = {"employeeSelector": {"employeeFilter": {"employeeIds": [key]}}}
    [employee] = sandbox("searchEmployees", body)["employees"]
    return employee


def status(sandbox: Any, **item: Any) -> tuple[str, str | None]:
    return outcome(sandbox("updateEmployeeStatuses", {"employeeStatuses": [{"employeeId": "-1044", **item}]}))


def test_an_update_shows_up_in_searches(sandbox):
    before = by_id(sandbox, "-1047")
    body = {"employees": [{"id": "-1047", "email": "ingrid@example.com"}]}

    assert outcome(sandbox("updateEmployees", body)) == ("updated", None)
    assert by_id(sandbox, "-1047") == {
        **before,
        "email": "ingrid@example.com",
        "lastModified": "2026-11-03T15:20:30Z",
    }
    assert outcome(sandbox("updateEmployees", body)) == ("unchanged", None)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"siteId": "9"}, "referenceNotFound"),
        ({"supervisorId": "-1047"}, "valueInvalid"),
        ({"timeZone": "Europe/Atlantis"}, "valueInvalid"),
        ({"employeeNumber": "E10500"}, "employeeNumberInUse"),
        ({"skills": [{"skillId": "1", "level": 1}, {"skillId": "1", "level": 2}]}, "duplicateEntry"),
        ({"extraFields": [{"extraFieldId": "2", "value": "Freelance"}]}, "valueInvalid"),
        (
            {
                "groupAssignments": [
                    {"employeeGroupId": "104", "startDate": "2026-01-01"},
                    {"employeeGroupId": "105", "startDate": "2026-06-01"},
                ]
            },
            "periodsOverlap",
        ),
    ],
)
def test_an_impossible_update_fails_alone(sandbox, change, code):
    items = [{"id": "-1047", **change}, {"id": "-1048", "preferredName": "Tom"}]
    answer = sandbox("updateEmployees", {"employees": items})

    assert [row["status"] for row in answer["results"]] == ["failed", "updated"]
    assert answer["results"][0]["error"]["code"] == code


def test_a_status_date_cannot_lie_in_the_future(sandbox):
    before = by_id(sandbox, "-1044")

    assert status(sandbox, employmentStatus="terminated", effectiveDate="2026-11-04") == (
        "failed",
        "effectiveDateInFuture",
    )
    assert by_id(sandbox, "-1044") == before
    assert status(sandbox, employmentStatus="terminated", effectiveDate="2026-11-03") == ("updated", None)
    assert by_id(sandbox, "-1044")["terminationDate"] == "2026-11-03"
    assert status(sandbox, activeStatus="active") == ("failed", "terminatedCannotBeActive")


def test_who_has_left_is_no_longer_scheduled(sandbox):
    status(sandbox, employmentStatus="terminated", effectiveDate="2026-10-30")
    body = {
        "employeeSelector": {"employeeFilter": {"employeeIds": ["-1044"]}},
        "segmentSelector": {"dateRange": {"startDate": "2026-10-29", "endDate": "2026-11-12"}},
    }
    days = {row["nominalDate"] for row in sandbox("searchSegments", body)["segments"]}

    assert days == {"2026-10-29", "2026-10-30"}


def test_a_balance_is_exact_and_its_key_makes_it_idempotent(sandbox):
    body = {"personalAccountBalanceSelector": {"personalAccountIds": ["50001"]}}

    def put(**item: Any) -> tuple[str, str | None]:
        change = {"personalAccountId": "50001", "unit": "days", **item}
        return outcome(sandbox("updatePersonalAccountBalances", {"personalAccountBalances": [change]}))

    def stored() -> str:
        [row] = sandbox("searchPersonalAccountBalances", body)["personalAccountBalances"]
        return row["balance"]

    assert put(balance="31.1", idempotencyKey="a") == ("updated", None)
    assert stored() == "31.10"
    assert put(balance="-0.5") == ("updated", None)
    assert put(balance="31.10", idempotencyKey="a") == ("unchanged", None)
    assert stored() == "-0.50"
    assert put(balance="31.2", idempotencyKey="a") == ("failed", "idempotencyKeyReused")
    assert put(balance="1", unit="hours") == ("failed", "unitMismatch")
    assert stored() == "-0.50"


def test_only_the_newest_idempotency_keys_are_kept(sandbox, monkeypatch):
    from catalog.apis.workforce import employees

    monkeypatch.setattr(employees, "MOST_KEYS", 3)

    def put(key: str, balance: str) -> str:
        change = {"personalAccountId": "50001", "balance": balance, "idempotencyKey": key}
        return outcome(sandbox("updatePersonalAccountBalances", {"personalAccountBalances": [change]}))[0]

    for number in range(5):
        put(f"key-{number}", f"{number}.00")

    assert put("key-4", "4.00") == "unchanged"
    assert put("key-2", "9.00") == "failed"  # remembered, with another value
    assert put("key-0", "9.00") == "updated"  # forgotten
