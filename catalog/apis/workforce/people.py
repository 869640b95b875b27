"""Choosing rows: the `test:`s and `choose:`s of the document, and the employees a body selects."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from catalog.sandbox import Call, Refused

Row = dict[str, Any]
Check = Callable[[Row], bool]
Criterion = Callable[[Any, Call], Check]  # value of the request, call


def chosen(call: Call) -> list[Row]:
    """The employees that the body's selector chooses, by id."""
    asked = call.body.get("employeeSelector", {}).get("employeeFilter", {})
    keys = asked.get("employeeIds")
    if keys is None:
        rows = call.state.all("employees")
    else:
        rows = [row for key in keys if (row := call.state.get("employees", key))]
    is_chosen = selected(asked, call)
    return sorted((row for row in rows if is_chosen(row)), key=lambda row: str(row["id"]))


def selected(asked: Row, call: Call) -> Check:
    """Employees for whom every criterion holds."""
    checks = [CRITERIA[name](value, call) for name, value in asked.items()]
    if len(checks) == 1:
        return checks[0]
    return lambda employee: all(check(employee) for check in checks)


def of_selected(asked: Row, call: Call) -> Check:
    """What belongs to a selected employee."""
    is_chosen = selected(asked, call)
    keys = {employee["id"] for employee in call.state.all("employees") if is_chosen(employee)}
    return lambda row: row["employeeId"] in keys


def skill_of_selected(asked: Row, call: Call) -> Check:
    """Skills that a selected employee has."""
    is_chosen = selected(asked, call)
    people = (employee for employee in call.state.all("employees") if is_chosen(employee))
    keys = {skill["skillId"] for employee in people for skill in employee["skills"]}
    return lambda skill: skill["id"] in keys


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


def _has_name(asked: Row, call: Call) -> Check:
    def check(employee: Row) -> bool:
        first, last, preferred = employee["firstName"], employee["lastName"], employee["preferredName"]
        return matches([first, last, f"{first} {last}", *([preferred] if preferred else [])], asked)

    return check


def _has_email(asked: Row, call: Call) -> Check:
    return lambda employee: matches([employee["email"]] if employee["email"] else [], asked)


def _has_skill(asked: list[str], call: Call) -> Check:
    return lambda employee: any(skill["skillId"] in asked for skill in employee["skills"])


def _has_group(asked: Row, call: Call) -> Check:
    day = asked.get("asOfDate") or call.today.isoformat()
    groups = frozenset(asked["employeeGroupIds"])
    return lambda employee: any(
        entry["employeeGroupId"] in groups and covers(entry["startDate"], entry["endDate"], day)
        for entry in employee["groupAssignments"]
    )


def _has_extra_field(asked: Row, call: Call) -> Check:
    field = asked["extraFieldId"]
    return lambda employee: matches(
        [it["value"] for it in employee["extraFields"] if it["extraFieldId"] == field], asked
    )


def _modified_since(asked: str, call: Call) -> Check:
    since = instant(asked)
    return lambda employee: instant(employee["lastModified"]) >= since


def _is_one_of(field: str) -> Criterion:
    def criterion(asked: list[str], call: Call) -> Check:
        wanted = frozenset(asked)
        return lambda employee: employee[field] in wanted

    return criterion


def _status_is(field: str) -> Criterion:
    return lambda asked, call: lambda employee: bool(employee["status"][field] == asked)


CRITERIA: dict[str, Criterion] = {
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
    "modifiedSince": _modified_since,
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
