"""The work to expect: contacts by forecast group and quarter of an hour, and the people they need."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from functools import lru_cache
from math import ceil, exp
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from catalog.apis.workforce.answers import asked_days, page
from catalog.apis.workforce.roster import local
from catalog.apis.workforce.schedule import dice
from catalog.sandbox import Call, Reply

Row = dict[str, Any]

QUARTER = 900  # seconds
BY_WEEKDAY = (1.18, 1.06, 1.0, 0.97, 0.94, 0.45, 0.3)
LONGEST_DETAILS = 7  # days of one search


class Profile(NamedTuple):
    """What arrives on an ordinary day: contacts, seconds each, local hours of opening, and by which shape."""

    contacts: int
    seconds: int
    opens: int
    closes: int
    weekends: bool = True


PROFILES = {
    "501": Profile(1900, 330, 6, 20),
    "502": Profile(900, 360, 8, 18, weekends=False),
    "503": Profile(1000, 330, 8, 18),
    "504": Profile(700, 420, 9, 19, weekends=False),
    "505": Profile(800, 480, 8, 22),
    "506": Profile(650, 510, 7, 19),
    "507": Profile(560, 360, 22, 30),  # past midnight
    "508": Profile(600, 600, 8, 17, weekends=False),
}
NOTHING = Profile(0, 300, 0, 24)


class Load(NamedTuple):
    """Contacts of a stretch of time, from `start` in epoch seconds, and the seconds of work they bring."""

    start: int
    contacts: int
    work: int

    @property
    def average(self) -> int:
        """Seconds per contact; 0 without contacts."""
        return round(self.work / self.contacts) if self.contacts else 0


def quarters(group: Row, day: date) -> list[Load]:
    """A day in the group's time zone: 92, 96 or 100 quarters, by what its clocks do."""
    return list(_quarters(group["id"], group["timeZone"], day))


@lru_cache(maxsize=512)
def _quarters(key: str, zone_name: str, day: date) -> tuple[Load, ...]:
    profile, zone = PROFILES.get(key, NOTHING), ZoneInfo(zone_name)
    first, last = (int(datetime.combine(one, time(), zone).timestamp()) for one in (day, day + timedelta(1)))
    open_today = profile.weekends or day.weekday() < 5
    mood = (94 + dice(key, "mood", day) % 13) / 100
    whole = profile.contacts * BY_WEEKDAY[day.weekday()] * mood * open_today
    weights, total = _weights(profile)
    loads = []
    for start in range(first, last, QUARTER):
        there = datetime.fromtimestamp(start, zone)
        share = weights[there.hour * 4 + there.minute // 15] / total
        contacts = round(whole * share)
        seconds = profile.seconds * (96 + dice(key, "length", there.hour) % 9) // 100
        loads.append(Load(start, contacts, contacts * seconds))
    return tuple(loads)


@lru_cache(maxsize=64)
def _weights(profile: Profile) -> tuple[list[float], float]:
    """A peak in the first third of the opening hours and a lower one in the last."""
    span = (profile.closes - profile.opens) * 4
    peaks, width = (span * 0.3, span * 0.72), span * 0.16
    weights = [0.0] * 96
    for number in range(span):
        early, late = (exp(-(((number - peak) / width) ** 2)) for peak in peaks)
        weights[(profile.opens * 4 + number) % 96] = 0.15 + early + 0.75 * late
    return weights, sum(weights)


def intervals(loads: list[Load], minutes: int) -> list[Load]:
    """Quarters put together to intervals of 15 or 30 minutes."""
    step = minutes * 60 // QUARTER
    parts = [loads[place : place + step] for place in range(0, len(loads), step)]
    return [
        Load(part[0].start, sum(one.contacts for one in part), sum(one.work for one in part))
        for part in parts
    ]


# --- People needed ------------------------------------------------------------------------------------------


def service_level(people: float, load: Load, seconds: int, goal_seconds: int) -> float:
    """The share of contacts answered within the goal, by Erlang's formula for waiting callers."""
    busy, staff = load.work / seconds, int(people)
    if not load.contacts:
        return 1.0
    if staff <= busy:
        return 0.0
    blocked = 1.0
    for one in range(1, staff + 1):
        blocked = busy * blocked / (one + busy * blocked)
    waits = blocked / (1 - busy / staff * (1 - blocked))
    return 1 - waits * exp(-(staff - busy) * goal_seconds / load.average)


def required(group: Row, load: Load, minutes: int) -> int:
    """The fewest people that reach the group's service goal."""
    if not load.contacts:
        return 0
    goal, seconds = group["serviceGoal"], minutes * 60
    people = ceil(load.work / seconds)
    if group["media"] == "email":
        return people
    while service_level(people, load, seconds, goal["seconds"]) * 100 < goal["percent"]:
        people += 1
    return people


# --- Searches -----------------------------------------------------------------------------------------------


def asked_groups(call: Call, selector: Row) -> list[Row]:
    """The forecast groups in use that pass every criterion of a selector, by id."""
    groups = sorted(call.state.all("forecastGroups"), key=lambda row: int(row["id"]))
    if "forecastGroupIds" in selector:
        groups = [row for row in groups if row["id"] in selector["forecastGroupIds"]]
    if "routingSetIds" in selector:
        groups = [row for row in groups if row["routingSetId"] in selector["routingSetIds"]]
    if "media" in selector:
        groups = [row for row in groups if row["media"] in selector["media"]]
    return [row for row in groups if row["active"]]


def search_forecasts(call: Call) -> Reply:
    groups = asked_groups(call, call.body.get("forecastSelector", {}))
    days = asked_days(call, "forecastSelector")
    found = [(group, day) for group in groups for day in days]
    return page(call, found, "forecasts", lambda item: _forecast(*item))


def _forecast(group: Row, day: date) -> Row:
    minutes = group["intervalMinutes"]
    loads = intervals(quarters(group, day), minutes)
    needs = [required(group, load, minutes) for load in loads]
    contacts, work = sum(load.contacts for load in loads), sum(load.work for load in loads)
    return {
        "forecastGroupId": group["id"],
        "date": day.isoformat(),
        "timeZone": group["timeZone"],
        "contacts": contacts,
        "averageHandleSeconds": Load(0, contacts, work).average,
        "workloadSeconds": work,
        "requiredStaffHours": round(sum(needs) * minutes / 60, 2),
        "peakStaff": max(needs),
    }


def search_forecast_details(call: Call) -> Reply:
    selector = call.body.get("forecastDetailSelector", {})
    days = asked_days(call, "forecastDetailSelector", longest=LONGEST_DETAILS)
    found = []
    for group in asked_groups(call, selector):
        minutes = selector.get("intervalMinutes", group["intervalMinutes"])
        for day in days:
            found += [(group, day, minutes, load) for load in intervals(quarters(group, day), minutes)]
    return page(call, found, "forecastDetails", lambda item: forecast_detail(*item))


def forecast_detail(group: Row, day: date, minutes: int, load: Load) -> Row:
    return {
        "forecastGroupId": group["id"],
        "date": day.isoformat(),
        "startTime": local(load.start, ZoneInfo(group["timeZone"])),
        "intervalMinutes": minutes,
        "contacts": load.contacts,
        "averageHandleSeconds": load.average,
        "requiredStaff": required(group, load, minutes),
    }
