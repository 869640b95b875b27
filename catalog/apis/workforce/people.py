"""Choosing rows: the `test:`s of the document, and the employees a body selects."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from catalog.sandbox import Call, Refused

Row = dict[str, Any]
Test = Callable[[Row, Any, Call], bool]  # row, value of the request, call


def chosen(call: Call) -> list[Row]:
    """The employees that the body's selector chooses, by id."""
    asked = call.body.get("employeeSelector", {}).get("employeeFilter", {})
    keys = asked.get("employeeIds")
    if keys is None:
        rows = call.state.all("employees")
    else:
        rows = [row for key in keys if (row := call.state.get("employees", key))]
    found = [row for row in rows if is_selected(row, asked, call)]
    return sorted(found, key=lambda row: str(row["id"]))


def is_selected(employee: Row, asked: Row, call: Call) -> bool:
    return all(CRITERIA[name](employee, value, call) for name, value in asked.items())


def is_of_selected(row: Row, asked: Row, call: Call) -> bool:
    employee = call.state.get("employees", row["employeeId"])
    return employee is not None and is_selected(employee, asked, call)


def is_skill_of_selected(skill: Row, asked: Row, call: Call) -> bool:
    return any(
        _has_skill(employee, [skill["id"]], call) and is_selected(employee, asked, call)
        for employee in call.state.all("employees")
    )


def is_in_super_group(group: Row, asked: list[str], call: Call) -> bool:
    found = [call.state.get("employeeSuperGroups", key) for key in asked]
    return any(group["id"] in super_group["employeeGroupIds"] for super_group in found if super_group)


def is_named(row: Row, asked: Row, call: Call) -> bool:
    return matches([row["name"]], asked)


def is_valid_on(account: Row, asked: str, call: Call) -> bool:
    return covers(account["validFrom"], account["validTo"], asked)


def is_modified_since(row: Row, asked: str, call: Call) -> bool:
    return instant(row["lastModified"]) >= instant(asked)


def is_changed_since(audit: Row, asked: str, call: Call) -> bool:
    return instant(audit["changedAt"]) >= instant(asked, "changedSince")


def is_audit_of_code(audit: Row, asked: list[str], call: Call) -> bool:
    """Before the change or after it."""
    sides = (audit["segmentBefore"], audit["segmentAfter"])
    return any(side is not None and side["code"] in asked for side in sides)


def _has_name(employee: Row, asked: Row, call: Call) -> bool:
    first, last, preferred = employee["firstName"], employee["lastName"], employee["preferredName"]
    return matches([first, last, f"{first} {last}", *([preferred] if preferred else [])], asked)


def _has_email(employee: Row, asked: Row, call: Call) -> bool:
    return matches([employee["email"]] if employee["email"] else [], asked)


def _has_skill(employee: Row, asked: list[str], call: Call) -> bool:
    return any(skill["skillId"] in asked for skill in employee["skills"])


def _has_group(employee: Row, asked: Row, call: Call) -> bool:
    day = asked.get("asOfDate", call.today.isoformat())
    current = [it for it in employee["groupAssignments"] if covers(it["startDate"], it["endDate"], day)]
    return any(entry["employeeGroupId"] in asked["employeeGroupIds"] for entry in current)


def _has_extra_field(employee: Row, asked: Row, call: Call) -> bool:
    field = asked["extraFieldId"]
    return matches([it["value"] for it in employee["extraFields"] if it["extraFieldId"] == field], asked)


def _is_one_of(field: str) -> Test:
    return lambda employee, asked, call: employee[field] in asked


def _status_is(field: str) -> Test:
    return lambda employee, asked, call: bool(employee["status"][field] == asked)


CRITERIA: dict[str, Test] = {
    "employeeIds": _is_one_of("id"),
    "employeeNumbers": _is_one_of("employeeNumber"),
    "employeeGroupFilter": _has_group,
    "extraFieldFilter": _has_extra_field,
    "nameFilter": _has_name,
    "emailFilter": _has_email,
    "activeStatus": _status_is("activeStatus"),
    "employmentStatus": _status_is("employmentStatus"),
    "siteIds": _is_one_of("siteId"),
    "supervisorIds": _is_one_of("supervisorId"),
    "skillIds": _has_skill,
    "modifiedSince": is_modified_since,
}


def matches(texts: list[str], asked: Row) -> bool:
    wanted, folded = asked["value"].casefold(), [text.casefold() for text in texts]
    match asked.get("operator", "equalTo"):
        case "contains":
            return any(wanted in text for text in folded)
        case "startsWith":
            return any(text.startswith(wanted) for text in folded)
        case "notEqualTo":
            return wanted not in folded
        case _:
            return wanted in folded


def covers(start: str, end: str | None, day: str) -> bool:
    """ISO days sort as text."""
    return start <= day and (end is None or day <= end)


@lru_cache(maxsize=8192)  # the same few texts are read for every row of every search
def instant(text: str, field: str = "modifiedSince") -> datetime:
    """In UTC. Raises Refused for a time without an offset, or one that no calendar has."""
    try:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is not None:
            return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise Refused(400, "invalidValue", f"{text} is not a date and time with an offset.", field=field)
