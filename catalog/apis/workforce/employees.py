"""The three bulk updates of employees: properties, statuses, balances."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from functools import partial
from itertools import pairwise
from typing import Any

from catalog.apis.workforce.items import ItemFailed, employee_of, now
from catalog.apis.workforce.people import covers
from catalog.apis.workforce.zones import is_time_zone
from catalog.sandbox import Call, Reply, reply

Row = dict[str, Any]
MOST_KEYS = 5000  # idempotency keys that a sandbox remembers: a nightly sync must not fill it up


def update_employees(call: Call) -> Reply:
    return _each(call.body["employees"], "id", partial(_change_employee, call))


def update_employee_statuses(call: Call) -> Reply:
    return _each(call.body["employeeStatuses"], "employeeId", partial(_change_status, call))


def update_personal_account_balances(call: Call) -> Reply:
    answer = _each(call.body["personalAccountBalances"], "personalAccountId", partial(_change_balance, call))
    for row in call.state.all("balanceUpdates")[:-MOST_KEYS]:  # the oldest
        call.state.delete("balanceUpdates", row["id"])
    return answer


def _each(items: list[Row], key: str, change: Callable[[Row], bool]) -> Reply:
    """Applies `change` to every item; it says whether anything changed, and writes nothing if it fails."""
    results: list[Row] = []
    for item in items:
        try:
            results.append({key: item[key], "status": "updated" if change(item) else "unchanged"})
        except ItemFailed as failure:
            results.append({key: item[key], "status": "failed", "error": failure.error})
    return reply({"results": results})


def _save_employee(call: Call, before: Row, after: Row) -> bool:
    if after == before:
        return False
    call.state.put("employees", {**after, "lastModified": now(call)})
    return True


# --- Employees ----------------------------------------------------------------------------------------------

REFERENCES = (("siteId", "sites"), ("supervisorId", "employees"))
LISTED_REFERENCES = (
    ("groupAssignments", "employeeGroupId", "employeeGroups"),
    ("skills", "skillId", "employeeSkills"),
    ("acdLogins", "acdInstanceId", "acdInstances"),
    ("extraFields", "extraFieldId", "employeeExtraFields"),
)


def _change_employee(call: Call, item: Row) -> bool:
    before = employee_of(call, item["id"], "id")
    _check_references(call, item)
    _check_own_values(call, item)
    _check_lists(call, item)
    given = {name: _with_open_ends(name, value) for name, value in item.items()}
    return _save_employee(call, before, {**before, **given})


def _with_open_ends(name: str, value: Any) -> Any:
    """Rows always say when a period ends, if only with null."""
    return [{**entry, "endDate": entry.get("endDate")} for entry in value] if name in PERIODS else value


def _check_references(call: Call, item: Row) -> None:
    for field, collection, key in _references(item):
        if call.state.get(collection, key) is None:
            raise ItemFailed("referenceNotFound", f"There is no {field.rpartition('.')[2]} {key}.", field)


def _references(item: Row) -> Iterator[tuple[str, str, str]]:
    for field, collection in REFERENCES:
        if item.get(field) is not None:
            yield field, collection, item[field]
    for name, field, collection in LISTED_REFERENCES:
        for place, entry in enumerate(item.get(name, ())):
            yield f"{name}[{place}].{field}", collection, entry[field]


def _check_own_values(call: Call, item: Row) -> None:
    if item.get("supervisorId") == item["id"]:
        raise ItemFailed("valueInvalid", "Nobody can be their own supervisor.", "supervisorId")
    if "timeZone" in item and not is_time_zone(item["timeZone"]):
        raise ItemFailed("valueInvalid", f"There is no time zone {item['timeZone']}.", "timeZone")
    number = item.get("employeeNumber")
    owners = (
        [it["id"] for it in call.state.all("employees") if it["employeeNumber"] == number] if number else []
    )
    if owners not in ([], [item["id"]]):
        raise ItemFailed("employeeNumberInUse", f"The number {number} is taken.", "employeeNumber")


PERIODS = ("groupAssignments", "acdLogins")
ONCE_EACH = (("skills", "skillId"), ("extraFields", "extraFieldId"))


def _check_lists(call: Call, item: Row) -> None:
    for name in PERIODS:
        for place, entry in enumerate(item.get(name, ())):
            if not covers(entry["startDate"], entry.get("endDate"), entry["startDate"]):
                message = "A period cannot end before it starts."
                raise ItemFailed("periodInvalid", message, f"{name}[{place}].endDate")
    for name, field in ONCE_EACH:
        keys = [entry[field] for entry in item.get(name, ())]
        if len(set(keys)) < len(keys):
            raise ItemFailed("duplicateEntry", f"Each {field} can be given once.", name)
    for place, entry in enumerate(item.get("extraFields", ())):
        _check_extra_field(call, entry, f"extraFields[{place}].value")
    _check_overlaps(call, item.get("groupAssignments", ()))


def _check_overlaps(call: Call, assignments: list[Row]) -> None:
    """One group of an exclusive class at a time."""
    by_class: dict[str, list[tuple[str, str]]] = {}
    for entry in assignments:
        group = call.state.get("employeeGroups", entry["employeeGroupId"])
        assert group is not None, "references are checked first"
        period = (entry["startDate"], entry.get("endDate") or date.max.isoformat())
        by_class.setdefault(group["employeeGroupClassId"], []).append(period)
    for key, periods in by_class.items():
        group_class = call.state.get("employeeGroupClasses", key)
        overlap = any(end >= start for (_, end), (start, _) in pairwise(sorted(periods)))
        if overlap and group_class and group_class["exclusive"]:
            message = f"Groups of the class {group_class['name']} cannot overlap."
            raise ItemFailed("periodsOverlap", message, "groupAssignments")


def _check_extra_field(call: Call, entry: Row, field: str) -> None:
    definition = call.state.get("employeeExtraFields", entry["extraFieldId"])
    assert definition is not None, "references are checked first"
    if not FITS[definition["type"]](entry["value"], definition):
        message = f"Not a value of the {definition['type']} field {definition['name']}."
        raise ItemFailed("valueInvalid", message, field)


def _is_number(text: str, definition: Row) -> bool:
    return text.removeprefix("-").replace(".", "", 1).isdecimal() and text.isascii()


def _is_date(text: str, definition: Row) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


FITS: dict[str, Callable[[str, Row], bool]] = {
    "text": lambda text, definition: len(text) <= definition["maxLength"],
    "number": _is_number,
    "date": _is_date,
    "list": lambda text, definition: text in definition["options"],
}


# --- Statuses -----------------------------------------------------------------------------------------------


def _change_status(call: Call, item: Row) -> bool:
    before = employee_of(call, item["employeeId"], "employeeId")
    status = before["status"]
    employment = item.get("employmentStatus", status["employmentStatus"])
    ends = employment == "terminated"
    active = item.get("activeStatus", "inactive" if ends else status["activeStatus"])
    same = (employment, active) == (status["employmentStatus"], status["activeStatus"])
    since = item.get("effectiveDate", status["effectiveDate"] if same else call.today.isoformat())
    _check_effective_date(call, before, item)
    if ends and active == "active":
        message = "Somebody who has left cannot be active."
        raise ItemFailed("terminatedCannotBeActive", message, "activeStatus")
    after = {
        **before,
        "status": {"employmentStatus": employment, "activeStatus": active, "effectiveDate": since},
        "terminationDate": since if ends else None,
    }
    return _save_employee(call, before, after)


def _check_effective_date(call: Call, employee: Row, item: Row) -> None:
    day = item.get("effectiveDate", call.today.isoformat())
    if day > call.today.isoformat():
        message = "The effective date cannot lie in the future."
        raise ItemFailed("effectiveDateInFuture", message, "effectiveDate")
    if "employmentStatus" in item and day < employee["hireDate"]:
        message = f"The employee starts on {employee['hireDate']}."
        raise ItemFailed("effectiveDateBeforeHire", message, "effectiveDate")


# --- Balances -----------------------------------------------------------------------------------------------


def _change_balance(call: Call, item: Row) -> bool:
    key, balance = item["personalAccountId"], _exact(item["balance"])
    account = call.state.get("personalAccounts", key)
    if account is None:
        message = f"There is no personal account {key}."
        raise ItemFailed("personalAccountNotFound", message, "personalAccountId")
    if item.get("unit", account["unit"]) != account["unit"]:
        raise ItemFailed("unitMismatch", f"This account is counted in {account['unit']}.", "unit")
    if _is_repeat(call, item, balance):
        return False
    stored = call.state.get("personalAccountBalances", key) or {}
    same = stored.get("balance") == balance
    as_of = item.get("asOfDate", stored["asOfDate"] if same else call.today.isoformat())
    if same and as_of == stored["asOfDate"]:
        return False
    row = {
        "personalAccountId": key,
        **{name: account[name] for name in ("employeeId", "accountTypeId", "unit")},
        "balance": balance,
        "asOfDate": as_of,
        "lastModified": now(call),
    }
    call.state.put("personalAccountBalances", row)
    return True


def _exact(text: str) -> str:
    """`-4` as `-4.00`, and minus nothing as `0.00`."""
    return str(Decimal(text).quantize(Decimal("0.01")) + 0)


def _is_repeat(call: Call, item: Row, balance: str) -> bool:
    """Whether this change came before; remembers its key if it did not."""
    if "idempotencyKey" not in item:
        return False
    key = f"{item['personalAccountId']}/{item['idempotencyKey']}"
    earlier = call.state.get("balanceUpdates", key)
    if earlier is None:
        call.state.put("balanceUpdates", {"id": key, "balance": balance})
        return False
    if earlier["balance"] != balance:
        message = f"This key was used before with the balance {earlier['balance']}."
        raise ItemFailed("idempotencyKeyReused", message, "idempotencyKey")
    return True
