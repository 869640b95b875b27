"""What agents handled, by day and ACD group, from the time they spent on contact work."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from catalog.apis.workforce.actuals import HANDLING, Stretch, actual, days_so_far, handling
from catalog.apis.workforce.answers import page, referenced
from catalog.apis.workforce.people import covers
from catalog.apis.workforce.roster import Day, Roster
from catalog.apis.workforce.schedule import dice
from catalog.sandbox import Call, Reply

Row = dict[str, Any]

# Code: the ACD group its contacts come from, and the usual seconds of one.
CONTACTS = {
    "CALL": ("701", 330),
    "OT": ("701", 330),
    "OUTB": ("702", 210),
    "CHAT": ("711", 480),
    "MAIL": ("712", 600),
}


def search_agent_productivities(call: Call) -> Reply:
    selector = call.body.get("agentProductivitySelector", {})
    groups = {row["id"]: row for row in call.state.all("agentProductivityAcdGroups")}
    wanted = selector.get("acdGroupIds", groups)
    instances = selector.get("acdInstanceIds")
    formulas = _formulas(call, selector)
    roster, until = Roster(call), int(call.now.timestamp())
    found = [
        row
        for item in days_so_far(call, roster, "agentProductivitySelector")
        for row in _productivities(roster, item, groups, until)
        if row["acdGroupId"] in wanted and (instances is None or row["acdInstanceId"] in instances)
    ]
    return page(
        call, found, "agentProductivities", lambda row: {**row, "formulas": _evaluated(row, formulas)}
    )


def _productivities(roster: Roster, item: Day, groups: dict[str, Row], until: int) -> list[Row]:
    employee, day, segments = item
    stretches: dict[str, list[Stretch]] = {}
    for stretch in actual(roster, employee, segments, until):
        if stretch.state == HANDLING:
            stretches.setdefault(CONTACTS[stretch.code][0], []).append(stretch)
    return [_productivity(employee, day, groups[key], stretches[key]) for key in sorted(stretches)]


def _productivity(employee: Row, day: date, group: Row, stretches: list[Stretch]) -> Row:
    key = employee["id"]
    signed_in = sum(one.stop - one.start for one in stretches)
    handled = sum(handling(key, one) for one in stretches)
    each = CONTACTS[stretches[0].code][1] * (85 + dice(key, "pace") % 31) // 100
    talk, hold = handled * (62 + dice(key, "talk") % 12) // 100, handled * (dice(key, "hold", day) % 8) // 100
    return {
        "employeeId": key,
        "date": day.isoformat(),
        "acdGroupId": group["id"],
        "acdInstanceId": group["acdInstanceId"],
        "loginId": _login(employee, group["acdInstanceId"], day.isoformat()),
        "contactsHandled": handled // each,
        "signedInSeconds": signed_in,
        "availableSeconds": signed_in - handled,
        "handleSeconds": handled,
        "talkSeconds": talk,
        "holdSeconds": hold,
        "afterContactSeconds": handled - talk - hold,
    }


def _login(employee: Row, instance: str, day: str) -> str | None:
    for login in employee["acdLogins"]:
        if login["acdInstanceId"] == instance and covers(login["startDate"], login["endDate"], day):
            return str(login["loginId"])
    return None


# --- Formulas -----------------------------------------------------------------------------------------------

FORMULAS: dict[str, Callable[[Row], float]] = {
    "averageHandleTime": lambda row: row["handleSeconds"] / row["contactsHandled"],
    "contactsPerHour": lambda row: 3600 * row["contactsHandled"] / row["signedInSeconds"],
    "occupancy": lambda row: 100 * row["handleSeconds"] / (row["handleSeconds"] + row["availableSeconds"]),
    "averageAfterContactTime": lambda row: row["afterContactSeconds"] / row["contactsHandled"],
    "afterContactShare": lambda row: 100 * row["afterContactSeconds"] / row["handleSeconds"],
}


def _formulas(call: Call, selector: Row) -> list[Row]:
    if "formulaSetId" not in selector:
        return []
    field = "body.agentProductivitySelector.formulaSetId"
    found: list[Row] = referenced(call, "agentFormulaSets", selector["formulaSetId"], field)["formulas"]
    return found


def _evaluated(row: Row, formulas: list[Row]) -> list[Row]:
    """A formula that would divide by nothing has no value."""
    return [
        {"key": one["key"], "name": one["name"], "unit": one["unit"], "value": _value(row, one["key"])}
        for one in formulas
    ]


def _value(row: Row, key: str) -> float | None:
    try:
        return round(FORMULAS[key](row), 2)
    except ZeroDivisionError:
        return None
