"""What agents are to do and the states they are in, from the day, the exceptions and what was posted.

Times are epoch milliseconds. A shift belongs to the day it begins on, in the tenant's time zone.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from datetime import date, timedelta

from catalog.apis.calabrio_one.seen import Row, day_of, midnight
from catalog.sandbox import Call

MINUTE = 60_000
PATTERN = (
    (0, 120, "in_service"),
    (120, 135, "break"),
    (135, 240, "in_service"),
    (240, 270, "lunch"),
    (270, 390, "in_service"),
    (390, 405, "break"),
    (405, 510, "in_service"),
)
LABELS = {"in_service": "In Service", "break": "Break", "lunch": "Lunch", "exception": "Exception"}
NAMES = {"break": "Break 15", "lunch": "Lunch 30"}
READY, TALK, WRAP, HOLD, BUSY, OUT = (
    "READY_WAITING TALK WORK_AFTER_CONTACT HOLD NOT_READY_BUSY LOGGED_OUT".split()
)
SERVING = frozenset([READY, TALK, WRAP, HOLD])
POSTED = {1: OUT, 2: BUSY, 3: READY, 4: TALK, 5: WRAP, 6: WRAP, 10: HOLD}


@dataclass(frozen=True, slots=True)
class Activity:
    kind: str
    start: int
    end: int
    name: str | None
    queue: int | None
    blended: bool = False  # half for this queue, half for another of the agent's

    @property
    def label(self) -> str:
        return LABELS[self.kind]

    @property
    def paid(self) -> bool:
        return self.kind != "lunch"


@dataclass(frozen=True, slots=True)
class State:
    name: str
    start: int
    reason: str | None


def shift(call: Call, agent: Row, day: date) -> list[Activity]:
    """The shift that begins on a day; empty on a day without work."""
    number = agent["id"]
    if not agent["active"] or (day.toordinal() + number) % 7 < 2 or not agent["services"]:
        return []
    hour = 22 if number % 13 == 0 else 8 + number % 3  # one in thirteen works through the night
    begin = midnight(day, call.zone) + hour * 60 * MINUTE
    made = [_activity(call, agent, begin, *part) for part in PATTERN]
    for one in call.state.by("exceptionRequests", "agentId", number):
        made = _with_exception(call, made, one)
    return made


def _activity(call: Call, agent: Row, begin: int, first: int, last: int, kind: str) -> Activity:
    start, end = begin + first * MINUTE, begin + last * MINUTE
    if kind != "in_service":
        return Activity(kind, start, end, NAMES[kind], None)
    queues = agent["services"]
    queue = call.state.get("serviceQueues", str(queues[0]))
    return Activity(
        kind, start, end, queue["name"] if queue else None, queues[0], first == 270 and len(queues) > 1
    )


def _with_exception(call: Call, made: list[Activity], one: Row) -> list[Activity]:
    """The exception takes the place of whatever it covers."""
    first, last = one["startTimeEpoch"], one["endTimeEpoch"]
    covered = [each for each in made if each.start < last and each.end > first]
    if not covered:
        return made
    kind = call.state.get("exceptionTypes", str(one["genericException"]))
    begin, end = max(first, covered[0].start), min(last, covered[-1].end)
    result = [Activity("exception", begin, end, kind["name"] if kind else None, None)]
    for each in made:
        if each not in covered:
            result.append(each)
            continue
        if each.start < begin:
            result.append(replace(each, end=begin))
        if each.end > end:
            result.append(replace(each, start=end))
    return sorted(result, key=lambda each: each.start)


def activities(call: Call, agent: Row, first: int, last: int) -> list[Activity]:
    """All that touch the span, whole."""
    day, end = day_of(first, call.zone) - timedelta(days=1), day_of(last, call.zone)
    found: list[Activity] = []
    while day <= end:
        found += [one for one in shift(call, agent, day) if one.start < last and one.end > first]
        day += timedelta(days=1)
    return found


def states(call: Call, agent: Row, first: int, last: int) -> list[State]:
    """Changes of state before `last`, beginning with the one that runs at `first`; none lies ahead of now."""
    last = min(last, int(call.now.timestamp() * 1000) + 1)
    day, end = day_of(first, call.zone) - timedelta(days=1), day_of(max(first, last), call.zone)
    changes: list[State] = []
    while day <= end:
        changes += _day(call, agent, day)
        day += timedelta(days=1)
    before = [one for one in changes if one.start < first]
    inside = [one for one in changes if first <= one.start < last]
    running = before[-1:] if not inside or inside[0].start > first else []
    return [one for one in running if one.start < last] + inside


def _day(call: Call, agent: Row, day: date) -> list[State]:
    """From the first change that was posted on, only what was posted counts for the rest of the day."""
    key = f"{agent['person']['acdId']} {day}"
    row = call.state.get("stateChanges", key)
    made = list(call.state.derived(f"states {agent['id']} {day}", lambda: _made(call, agent, day)))
    if row is None:
        return made
    posted = [State(POSTED[code], start, reason) for start, code, reason in row["changes"]]
    return [one for one in made if one.start < posted[0].start] + posted


def _made(call: Call, agent: Row, day: date) -> list[State]:
    """An ordinary day: contacts while in service, a minute late from every break."""
    dice = random.Random(f"{agent['id']} {day}")  # noqa: S311 - an invented day, not a secret
    found: list[State] = []
    for one in shift(call, agent, day):
        if one.kind != "in_service":
            found.append(State(BUSY, one.start + dice.randrange(2) * MINUTE, str(10 + len(one.kind))))
            continue
        at = one.start + dice.randrange(3) * MINUTE
        while at < one.end:
            for name, longest in ((READY, 4), (TALK, 7), (WRAP, 2)):
                if at < one.end:
                    found.append(State(name, at, None))
                at += (1 + dice.randrange(longest)) * MINUTE
    if found:
        found.append(State(OUT, shift(call, agent, day)[-1].end, None))
    return found
