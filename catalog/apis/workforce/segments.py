"""Searches over schedules: segments, summaries, and days resolved to time periods."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from catalog.apis.workforce.answers import asked_days, page, referenced
from catalog.apis.workforce.people import chosen
from catalog.apis.workforce.roster import Day, Roster, local, to_row
from catalog.apis.workforce.schedule import MINUTE, Segment, contract_minutes
from catalog.sandbox import Call, Reply

Row = dict[str, Any]

TIME_OFF_STARTS = time(9)  # where a whole day off is laid, in the employee's zone


def search_segments(call: Call) -> Reply:
    roster, selector = Roster(call), call.body.get("segmentSelector", {})
    days = asked_days(call, "segmentSelector")
    codes = _codes(call, roster, selector)
    types = selector.get("types", ("general", "detail"))
    found = [
        (employee, day, segment)
        for employee, day, segments in roster.days(chosen(call), days)
        for segment in segments
        if segment.code in codes and segment.type in types
    ]
    return page(call, found, "segments", lambda item: to_row(*item))


def _codes(call: Call, roster: Roster, selector: Row) -> frozenset[str]:
    """The codes that pass every criterion of a selector."""
    codes = set(roster.definitions)
    if "codes" in selector:
        codes &= set(selector["codes"])
    if "segmentCategoryIds" in selector:
        wanted = selector["segmentCategoryIds"]
        codes &= {code for code, row in roster.definitions.items() if row["segmentCategoryId"] in wanted}
    return frozenset(codes & perspective_codes(call, "segmentSelector", selector, codes))


def perspective_codes(call: Call, name: str, selector: Row, every: set[str]) -> set[str]:
    """The codes of the perspective a selector names; all of them where it names none."""
    key = selector.get("perspectiveId")
    if key is None:
        return every
    return set(referenced(call, "perspectives", key, f"body.{name}.perspectiveId")["segmentCodes"])


def search_segment_summaries(call: Call) -> Reply:
    roster = Roster(call)
    days = asked_days(call, "segmentSummarySelector")
    found = list(roster.days(chosen(call), days))
    return page(call, found, "segmentSummaries", lambda item: summary(roster, *item))


def summary(roster: Roster, employee: Row, day: date, segments: list[Segment]) -> Row:
    """Minutes of one day by how they count. Time off counts as a contract day."""
    minutes = dict.fromkeys(("scheduled", "paid", "unpaid", "worked", "overtime", "timeOff"), 0)
    for segment in segments:
        definition, length = roster.definitions[segment.code], (segment.stop - segment.start) // MINUTE
        if segment.type == "general" and definition["accountTypeId"] is not None:
            length = minutes["timeOff"] = contract_minutes(employee)
        minutes["scheduled"] += length if segment.type == "detail" else 0
        minutes["paid" if definition["paid"] else "unpaid"] += length
        for name in ("worked", "overtime"):
            minutes[name] += length if definition[name] else 0
    details, zone = [it for it in segments if it.type == "detail"], ZoneInfo(employee["timeZone"])
    return {
        "employeeId": employee["id"],
        "nominalDate": day.isoformat(),
        "generalCode": next((it.code for it in segments if it.type == "general"), None),
        "startTime": local(details[0].start, zone) if details else None,
        "stopTime": local(details[-1].stop, zone) if details else None,
        **{f"{name}Minutes": value for name, value in minutes.items()},
    }


def search_schedule_time_period_resolutions(call: Call) -> Reply:
    roster, name = Roster(call), "scheduleTimePeriodResolutionSelector"
    codes = perspective_codes(call, name, call.body.get(name, {}), set(roster.definitions))
    days = roster.days(chosen(call), asked_days(call, name))
    found = [(it, periods) for it in days if (periods := _periods(roster, it, codes))]
    return page(call, found, "scheduleTimePeriodResolutions", lambda one: _resolution(roster, *one))


def _periods(roster: Roster, item: Day, codes: set[str]) -> list[Segment]:
    """One code at a time, without the codes that do not count; touching periods of a code become one."""
    employee, day, segments = item
    result: list[Segment] = []
    for segment in segments:
        if segment.type == "general" and roster.definitions[segment.code]["accountTypeId"] is not None:
            begin = datetime.combine(day, TIME_OFF_STARTS, ZoneInfo(employee["timeZone"])).timestamp()
            end = begin + contract_minutes(employee) * MINUTE
            segment = segment._replace(start=int(begin), stop=int(end))
        if segment.start == segment.stop or segment.code not in codes:
            continue
        if result and (result[-1].code, result[-1].stop) == (segment.code, segment.start):
            result[-1] = result[-1]._replace(stop=segment.stop)
        else:
            result.append(segment)
    return result


def _resolution(roster: Roster, item: Day, periods: list[Segment]) -> Row:
    employee, day, _ = item
    zone = ZoneInfo(employee["timeZone"])
    return {
        "employeeId": employee["id"],
        "nominalDate": day.isoformat(),
        "timeZone": employee["timeZone"],
        "timePeriods": [
            {
                "startTime": local(one.start, zone),
                "stopTime": local(one.stop, zone),
                "minutes": (one.stop - one.start) // MINUTE,
                "code": one.code,
                **{
                    name: roster.definitions[one.code][name]
                    for name in ("segmentCategoryId", "paid", "worked", "overtime")
                },
            }
            for one in periods
        ],
    }
