"""The schedule a fresh sandbox has: computed, and always the same for an employee and a day."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta
from hashlib import blake2b
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

Row = dict[str, Any]

DAYS_BACK, DAYS_AHEAD = 400, 42  # kept and planned, counted from today
MINUTE = 60


AccountTypes = Callable[[], frozenset[str]]


class Segment(NamedTuple):
    """A piece of one employee's day. Times are epoch seconds; a general segment has none."""

    type: str
    code: str
    start: int = 0
    stop: int = 0
    memo: str | None = None
    version: int = 1

    @property
    def place(self) -> tuple[str, int]:
        """What no other segment of the same day shares."""
        return self.type, self.start


# Team: earliest start in minutes, how many starts at half hours there are, usual work, free weekends.
TEAMS: dict[str, tuple[int, int, str, bool]] = {
    "101": (6 * 60, 4, "CALL", False),
    "102": (11 * 60, 6, "CALL", False),
    "103": (8 * 60, 3, "CALL", True),
    "104": (8 * 60, 4, "CALL", False),
    "105": (9 * 60, 4, "OUTB", True),
    "106": (8 * 60, 2, "CASE", True),
    "107": (8 * 60, 12, "CHAT", False),
    "108": (7 * 60, 6, "CALL", False),
    "109": (22 * 60, 1, "CALL", False),
}
# Of 240 days: from, to, code, and the account it is taken from.
ABSENCES = ((0, 7, "SICK", "2"), (10, 12, "PERS", "3"), (20, 23, "TOIL", "4"))
USUAL = (8 * 60, 4, "CALL", True)
QUEUES = {"201": "CALL", "202": "CHAT", "203": "MAIL", "204": "OUTB"}


def dice(*parts: object) -> int:
    """A number that looks random and is always the same for the same parts."""
    return int.from_bytes(blake2b("/".join(map(str, parts)).encode(), digest_size=6).digest())


def is_employed(employee: Row, day: str) -> bool:
    last = employee["terminationDate"]
    return bool(employee["hireDate"] <= day) and (last is None or day <= last)


def planned(employee: Row, day: date, today: date, account_types: AccountTypes) -> list[Segment]:
    """The general segment, then the details in order of time; nothing outside the employment or the horizon.

    `account_types` tells the kinds of time off the employee can take on that day; it is seldom asked.
    """
    text = day.isoformat()
    if not is_employed(employee, text) or not -DAYS_BACK <= (day - today).days <= DAYS_AHEAD:
        return []
    status = employee["status"]
    if status["employmentStatus"] == "leave" and status["effectiveDate"] <= text:
        return [Segment("general", "LEAVE")]
    team, queues = _assignments(employee, text)
    first, choices, work, free_weekends = TEAMS.get(team, USUAL)
    if _is_day_off(employee, day, free_weekends):
        return [Segment("general", "OFF")]
    away = _time_off(employee["id"], day, today, account_types)
    if away:
        return [Segment("general", away)]
    week = day.isocalendar()
    start = first + 30 * (dice(employee["id"], "start", week.year, week.week) % choices)
    zone = ZoneInfo(employee["timeZone"])
    begin = int((datetime.combine(day, time(), zone) + timedelta(minutes=start)).timestamp())
    works = [QUEUES[queue] for queue in queues] or [work]
    return [Segment("general", "SHIFT"), *_details(employee, day, team, begin, works)]


def contract_minutes(employee: Row) -> int:
    """Paid minutes of a full day, from the weekly hours on file."""
    hours = next((it["value"] for it in employee["extraFields"] if it["extraFieldId"] == "6"), "40")
    return round(min(max(float(hours), 0), 60) * 12 / 15) * 15


def _assignments(employee: Row, day: str) -> tuple[str, list[str]]:
    """The team of the day, and the queues."""
    team, queues = "", []
    for entry in employee["groupAssignments"]:
        end = entry["endDate"]
        if entry["startDate"] <= day and (end is None or day <= end):
            key = entry["employeeGroupId"]
            if key in QUEUES:
                queues.append(key)
            elif key in TEAMS:
                team = key
    return team, queues


def _is_day_off(employee: Row, day: date, free_weekends: bool) -> bool:
    own = dice(employee["id"], "days off")
    if free_weekends or own % 10 < 6:
        return day.weekday() >= 5
    return (day.weekday() - own) % 7 < 2  # two days running, the same every week


def _time_off(key: str, day: date, today: date, account_types: AccountTypes) -> str | None:
    """Vacation by the week, the rest by the day. Nobody's illness is known ahead."""
    week = day.isocalendar()
    if dice(key, "vacation", week.year, week.week) % 14 == 0 and "1" in account_types():
        return "VAC"
    luck = dice(key, "absence", day) % 240
    for low, high, code, account_type in ABSENCES:
        if low <= luck < high and (code != "SICK" or day <= today) and account_type in account_types():
            return code
    return None


def _details(employee: Row, day: date, team: str, begin: int, works: list[str]) -> list[Segment]:
    key, paid = employee["id"], contract_minutes(employee)
    details, at = [], begin
    for code, minutes in _parts(key, day, team, paid, works):
        if minutes > 0:
            details.append(Segment("detail", code, at, at + minutes * MINUTE))
            at += minutes * MINUTE
    return details


def _parts(key: str, day: date, team: str, paid: int, works: list[str]) -> Iterator[tuple[str, int]]:
    """Codes and minutes of a day of `paid` minutes; a longer day has an unpaid lunch and a second break."""
    luck = dice(key, "parts", day)
    work, later = works[0], works[-1]
    to_break = min(105 + 15 * (luck % 3), paid // 2)
    yield work, to_break
    yield "BRK", 15
    rest = paid - to_break - 15
    if paid < 6 * 60:
        yield later, rest
        return
    training = 60 if luck % 11 == 0 else 0
    before_lunch = rest // 30 * 15 // 2 // 15 * 15
    yield "TRN", min(training, before_lunch)
    yield work, before_lunch - min(training, before_lunch)
    yield "LUN", 30
    rest -= before_lunch
    meeting = 30 if day.weekday() == dice(team, "meeting") % 5 else 0
    yield "MTG", meeting
    yield later, rest // 2 // 15 * 15 - meeting
    yield "BRK", 15
    rest -= rest // 2 // 15 * 15 + 15
    coaching = 30 if luck % 8 == 3 else 0
    yield "COACH", coaching
    yield later, rest - coaching
    if luck % 25 == 0:
        yield "OT", 60
