"""How well people keep to their schedule: what they did, held against what they were to do."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from catalog.apis.workforce.actuals import Stretch, actual, days_so_far
from catalog.apis.workforce.answers import page
from catalog.apis.workforce.roster import Day, Roster, local
from catalog.apis.workforce.schedule import Segment
from catalog.apis.workforce.segments import perspective_codes
from catalog.sandbox import Call, Reply

Row = dict[str, Any]


class Difference(NamedTuple):
    """Time in which somebody did not do what was scheduled; without a state they were signed out."""

    start: int
    stop: int
    code: str
    state: str | None


def search_adherences(call: Call) -> Reply:
    roster, until = Roster(call), int(call.now.timestamp())
    selector = call.body.get("adherenceSelector", {})
    every = {code for code, row in roster.definitions.items() if row["superStateIds"]}
    codes = every & perspective_codes(call, "adherenceSelector", selector, every)
    found = [
        item
        for item in days_so_far(call, roster, "adherenceSelector")
        if any(one.code in codes and one.start < until for one in item[2])
    ]
    shown = selector.get("includeExceptions", True)

    def show(item: Day) -> Row:
        row = _adherence(roster, item, codes, until)
        return row if shown else {**row, "exceptions": []}

    return page(call, found, "adherences", show)


def _adherence(roster: Roster, item: Day, codes: set[str], until: int) -> Row:
    employee, day, segments = item
    due = [
        one._replace(stop=min(one.stop, until)) for one in segments if one.code in codes and one.start < until
    ]
    did = actual(roster, employee, segments, until)
    scheduled = sum(one.stop - one.start for one in due)
    differences = [each for one in due for each in _differences(roster, one, did)]
    missed = sum(one.stop - one.start for one in differences)
    states = {state for one in due for state in roster.definitions[one.code]["superStateIds"]}
    worked = sum(one.stop - one.start for one in did if one.state in states)
    zone = ZoneInfo(employee["timeZone"])
    return {
        "employeeId": employee["id"],
        "nominalDate": day.isoformat(),
        "scheduledSeconds": scheduled,
        "adherentSeconds": scheduled - missed,
        "adherencePercent": round(100 * (scheduled - missed) / scheduled, 1),
        "conformancePercent": round(100 * worked / scheduled, 1),
        "exceptions": [
            {
                "startTime": local(one.start, zone),
                "stopTime": local(one.stop, zone),
                "seconds": one.stop - one.start,
                "scheduledCode": one.code,
                "actualSuperStateId": one.state,
            }
            for one in differences
        ],
    }


def _differences(roster: Roster, due: Segment, did: list[Stretch]) -> Iterator[Difference]:
    """The parts of a segment in which the state was another one, or none."""
    right, clock = roster.definitions[due.code]["superStateIds"], due.start
    for stretch in did:
        if stretch.stop <= clock or due.stop <= stretch.start:
            continue
        if clock < stretch.start:
            yield Difference(clock, stretch.start, due.code, None)
        end = min(stretch.stop, due.stop)
        if stretch.state not in right:
            yield Difference(max(clock, stretch.start), end, due.code, stretch.state)
        clock = end
    if clock < due.stop:
        yield Difference(clock, due.stop, due.code, None)
