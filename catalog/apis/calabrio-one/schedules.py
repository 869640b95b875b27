"""Schedules by day, by span and by shift. An activity is never cut."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from catalog.apis.calabrio_one.plan import Activity, activities, shift
from catalog.apis.calabrio_one.seen import LATEST, Row, agents, days, midnight, nothing, zone_of
from catalog.sandbox import Call, Refused, Reply, reply

DAY = 24 * 3600 * 1000
COLORS = {"in_service": "#7399BD", "lunch": "#A3AD00", "break": "#CC7A00", "exception": "#990000"}


def get_schedule_details(call: Call) -> Reply:
    span = days(call.query["fromDate"], call.query["toDate"], "query.toDate")
    some: Sequence[int] | None
    if call.body is not None:
        some = call.body.get("agentIds")
    else:
        text = call.query.get("agentIds")
        some = [int(one) for one in text.split(",")] if text else None
    return reply(
        [
            {
                "agentId": row["id"],
                "employeeID": row["employeeNumber"],
                "agentTimeZone": str(zone_of(call, row["person"])),
                "activitiesByDate": [
                    {
                        "date": str(day),
                        "scheduledActivities": [
                            {**_told(one), "serviceQueueId": one.queue}
                            | {"startTime": str(one.start), "endTime": str(one.end)}
                            for one in activities(
                                call,
                                row,
                                midnight(day, call.zone),
                                midnight(day + timedelta(days=1), call.zone),
                            )
                        ],
                    }
                    for day in span
                ],
            }
            for row in agents(call, some)
        ]
    )


def _told(one: Activity) -> Row:
    return {
        "activityType": one.kind,
        "activityTypeLabel": one.label,
        "activityDetailName": one.name,
        "startTime": one.start,
        "endTime": one.end,
        "paid": one.paid,
        "activityMetadata": None,
    }


def get_agent_shifts(call: Call) -> Reply:
    span = days(call.query["fromDate"], call.query["toDate"], "query.toDate")
    row = next(iter(agents(call, [call.path["agentId"]])), None)
    if row is None:
        raise nothing("agent in your view", "path.agentId")
    zone = zone_of(call, row["person"])
    offset = datetime(span[0].year, span[0].month, span[0].day, 12, tzinfo=zone).strftime("%z")
    return reply(
        {
            "agentId": row["id"],
            "employeeId": row["employeeNumber"],
            "agentTimeZone": f"{offset[:3]}:{offset[3:]}",
            "activitiesByDate": [
                {"date": str(day), "scheduledActivities": [_told(one) for one in shift(call, row, day)]}
                for day in span
            ],
        }
    )


def get_schedule_for_timespan(call: Call) -> Reply:
    first, last, wanted = call.query["fromTimestamp"], call.query["toTimestamp"], call.body["agentIds"]
    most = 60 if len(set(wanted)) == 1 else 9
    if last <= first or last - first > most * DAY:
        message = f"For {'one agent' if most == 60 else 'several agents'} ask for at most {most} days."
        raise Refused(400, "rangeTooLong", message, "query.toTimestamp")
    if last > LATEST:
        raise Refused(400, "invalidValue", "There is no plan for so far ahead.", "query.toTimestamp")
    return reply(
        [
            {
                "agentId": row["id"],
                "employeeID": row["employeeNumber"],
                "agentTimeZone": str(zone_of(call, row["person"])),
                "activities": [_spanned(one) for one in activities(call, row, first, last)],
            }
            for row in agents(call, wanted)
        ]
    )


def _spanned(one: Activity) -> Row:
    row = {
        "activityType": one.kind.upper(),
        "activityTypeLabel": one.label,
        "activityDetailName": one.name,
        "startTime": one.start,
        "endTime": one.end,
        "color": COLORS[one.kind],
    }
    if one.blended:
        return row | {"multiSkillGroupId": 1}
    return row | ({"serviceQueueId": one.queue} if one.queue else {})
