"""What people did, made up to fit their schedule: a little late, away for a moment, never after now."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any, NamedTuple

from catalog.apis.workforce.answers import asked_days, page
from catalog.apis.workforce.people import chosen
from catalog.apis.workforce.roster import Day, Roster
from catalog.apis.workforce.schedule import MINUTE, Segment, dice
from catalog.sandbox import Call, Reply

Row = dict[str, Any]

LONGEST = 7  # days of one search
HANDLING, AVAILABLE, AWAY = "1", "2", "8"


class Stretch(NamedTuple):
    """Time in one super state, in epoch seconds, and the code that was scheduled at its start."""

    start: int
    stop: int
    state: str
    code: str


def actual(roster: Roster, employee: Row, segments: Iterable[Segment], until: int) -> list[Stretch]:
    """In order of time, without overlaps, nothing after `until`. Contact work is one stretch of Handling."""
    key, clock, result = employee["id"], 0, []
    for segment in segments:
        states = roster.definitions[segment.code]["superStateIds"]
        if not states:
            continue
        start = max(clock, _late(key, segment.start))
        stop = clock = max(start, _late(key, segment.stop))
        away = _away(key, segment, stop - start) if states[0] == HANDLING else 0
        for begin, end, state in ((start, start + away, AWAY), (start + away, stop, states[0])):
            if begin < min(end, until):
                result.append(Stretch(begin, min(end, until), state, segment.code))
    return result


def _late(key: str, moment: int) -> int:
    """When a change scheduled for a moment takes place: up to a minute early, seldom more than two late."""
    luck = dice(key, "late", moment)
    return moment + luck % 181 - 60 + (luck // 181 % 240 if luck % 7 == 0 else 0)


def _away(key: str, segment: Segment, length: int) -> int:
    luck = dice(key, "away", segment.start)
    return min((5 + luck % 10) * MINUTE, length // 2) if luck % 16 == 0 else 0


def handling(key: str, stretch: Stretch) -> int:
    """Seconds of contact work with a contact at hand; the rest is waiting for one."""
    return (stretch.stop - stretch.start) * (68 + dice(key, "busy", stretch.start) % 24) // 100


def days_so_far(call: Call, roster: Roster, selector: str) -> list[Day]:
    """The days asked for on which anybody has begun to work."""
    until = int(call.now.timestamp())
    days = [day for day in asked_days(call, selector, longest=LONGEST) if (day - call.today).days <= 1]
    return [item for item in roster.days(chosen(call), days) if any(0 < one.start < until for one in item[2])]


def search_super_state_hours(call: Call) -> Reply:
    roster, until = Roster(call), int(call.now.timestamp())
    wanted = call.body.get("superStateHourSelector", {}).get("superStateIds")
    found = [
        row
        for item in days_so_far(call, roster, "superStateHourSelector")
        for row in _hours(roster, *item, until)
        if wanted is None or row["superStateId"] in wanted
    ]
    return page(call, found, "superStateHours", lambda row: row)


def _hours(roster: Roster, employee: Row, day: date, segments: list[Segment], until: int) -> list[Row]:
    """One row per super state. Contact work is scheduled as Handling and turns out as that or Available."""
    scheduled: dict[str, int] = {}
    for segment in segments:
        states = roster.definitions[segment.code]["superStateIds"]
        if states and segment.start < until:
            length = min(segment.stop, until) - segment.start
            scheduled[states[0]] = scheduled.get(states[0], 0) + length
    spent: dict[str, int] = {}
    for stretch in actual(roster, employee, segments, until):
        length = stretch.stop - stretch.start
        busy = handling(employee["id"], stretch) if stretch.state == HANDLING else length
        spent[stretch.state] = spent.get(stretch.state, 0) + busy
        if busy < length:
            spent[AVAILABLE] = spent.get(AVAILABLE, 0) + length - busy
    facts = {"employeeId": employee["id"], "nominalDate": day.isoformat()}
    return [
        {
            **facts,
            "superStateId": state,
            "scheduledSeconds": scheduled.get(state, 0),
            "actualSeconds": spent.get(state, 0),
        }
        for state in sorted(scheduled.keys() | spent.keys(), key=int)
    ]
