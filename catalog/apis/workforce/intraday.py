"""A day of a forecast group as it goes: what was expected, what came, who was to be there, and who was."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from catalog.apis.workforce.actuals import actual
from catalog.apis.workforce.demand import Load, intervals, quarters, required, service_level
from catalog.apis.workforce.people import covers
from catalog.apis.workforce.roster import Roster, local
from catalog.apis.workforce.schedule import dice
from catalog.sandbox import Call

Row = dict[str, Any]

AT_WORK = frozenset(("1", "2", "7"))  # super states of people who take contacts or cases


class Intraday:
    """One group and day, in intervals. What happened ends at the call's now."""

    def __init__(self, call: Call, roster: Roster, group: Row, day: date, minutes: int) -> None:
        self.group, self.day, self.minutes = group, day, minutes
        self.until = int(call.now.timestamp())
        self.zone = ZoneInfo(group["timeZone"])
        quarterly = quarters(group, day)
        self.expected = intervals(quarterly, minutes)
        self.came = intervals([_came(group["id"], load) for load in quarterly], minutes)
        members = staff_of(call, group["staffGroupIds"], day)
        self.scheduled, self.present = people(roster, members, day, self.expected, minutes, self.until)

    def rows(self) -> list[Row]:
        """Figures of what happened are null for intervals that have not ended."""
        return [self._row(place) for place in range(len(self.expected))]

    def _row(self, place: int) -> Row:
        expected, came, seconds = self.expected[place], self.came[place], self.minutes * 60
        over = expected.start + seconds <= self.until
        present = self.present[place]
        return {
            "startTime": local(expected.start, self.zone),
            "intervalMinutes": self.minutes,
            "forecastContacts": expected.contacts,
            "actualContacts": came.contacts if over else None,
            "forecastAverageHandleSeconds": expected.average,
            "actualAverageHandleSeconds": came.average if over else None,
            "requiredStaff": required(self.group, expected, self.minutes),
            "scheduledStaff": self.scheduled[place],
            "actualStaff": present if over else None,
            "serviceLevelPercent": self._level(came, present) if over else None,
        }

    def _level(self, came: Load, present: float) -> float | None:
        """None without contacts, and for mail, which waits without anybody holding the line."""
        if not came.contacts or self.group["media"] == "email":
            return None
        goal = self.group["serviceGoal"]["seconds"]
        return round(100 * service_level(round(present), came, self.minutes * 60, goal), 1)

    def summary(self) -> Row:
        """The day so far beside the whole day."""
        rows = self.rows()
        over = [row for row in rows if row["actualContacts"] is not None]
        whole, came = _added(self.expected), _added(self.came[: len(over)])
        rated = [row for row in over if row["serviceLevelPercent"] is not None]
        answered = sum(row["actualContacts"] * row["serviceLevelPercent"] for row in rated)
        hours = self.minutes / 60
        return {
            "id": idp_id(self.group),
            "forecastGroupId": self.group["id"],
            "routingSetId": self.group["routingSetId"],
            "staffGroupIds": self.group["staffGroupIds"],
            "date": self.day.isoformat(),
            "timeZone": self.group["timeZone"],
            "asOf": local(self.until, self.zone),
            "forecastContacts": whole.contacts,
            "forecastContactsSoFar": sum(row["forecastContacts"] for row in over),
            "actualContacts": came.contacts,
            "forecastAverageHandleSeconds": whole.average,
            "actualAverageHandleSeconds": came.average if came.contacts else None,
            "requiredStaffHours": round(sum(row["requiredStaff"] for row in rows) * hours, 2),
            "scheduledStaffHours": round(sum(row["scheduledStaff"] for row in rows) * hours, 2),
            "actualStaffHours": round(sum(row["actualStaff"] for row in over) * hours, 2),
            "serviceLevelPercent": round(answered / came.contacts, 1) if rated else None,
        }


def idp_id(group: Row) -> str:
    """The intra-day performance of forecast group 501 is 9501."""
    return f"9{group['id']}"


def _added(loads: list[Load]) -> Load:
    return Load(0, sum(load.contacts for load in loads), sum(load.work for load in loads))


def _came(key: str, load: Load) -> Load:
    luck = dice(key, "came", load.start)
    contacts = round(load.contacts * (86 + luck % 29) / 100)
    return Load(load.start, contacts, contacts * (load.average * (92 + luck // 29 % 17) // 100))


def staff_of(call: Call, staff_group_ids: Iterable[str], day: date) -> list[Row]:
    """The employees assigned to a group of these staff groups on the day."""
    found = [call.state.get("staffGroups", key) for key in staff_group_ids]
    wanted = {key for row in found if row for key in row["employeeGroupIds"]}
    text = day.isoformat()
    return [
        employee
        for employee in call.state.all("employees")
        if any(
            one["employeeGroupId"] in wanted and covers(one["startDate"], one["endDate"], text)
            for one in employee["groupAssignments"]
        )
    ]


def people(
    roster: Roster, members: list[Row], day: date, loads: list[Load], minutes: int, until: int
) -> tuple[list[float], list[float]]:
    """For each interval the people scheduled to be at work, and those who were; parts count as parts."""
    first, seconds = loads[0].start, minutes * 60
    scheduled, present = [0] * len(loads), [0] * len(loads)
    for employee in members:
        for near in (day - timedelta(days=1), day, day + timedelta(days=1)):  # zones, and nights
            segments = roster.day(employee, near)
            for one in segments:
                if AT_WORK.intersection(roster.definitions[one.code]["superStateIds"]):
                    _spread(scheduled, one.start - first, one.stop - first, seconds)
            for stretch in actual(roster, employee, segments, until):
                if stretch.state in AT_WORK:
                    _spread(present, stretch.start - first, stretch.stop - first, seconds)
    return [round(it / seconds, 2) for it in scheduled], [round(it / seconds, 2) for it in present]


def _spread(buckets: list[int], start: int, stop: int, seconds: int) -> None:
    """Adds the seconds from `start` to `stop` to the buckets they fall into."""
    start, stop = max(start, 0), min(stop, len(buckets) * seconds)
    while start < stop:
        place = start // seconds
        end = min(stop, (place + 1) * seconds)
        buckets[place] += end - start
        start = end
