"""Agents: who they are, how many are planned, who is there, and what they did."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from catalog.apis.calabrio_one.plan import BUSY, OUT, SERVING, Activity, State, activities, states
from catalog.apis.calabrio_one.seen import (
    LATEST,
    MAIN_VIEW,
    Row,
    agents,
    day_of,
    days,
    epoch,
    midnight,
    nothing,
    visible,
    zone_of,
)
from catalog.sandbox import Call, Refused, Reply, reply

RANGE = 31 * 24 * 3600 * 1000  # ms of one question about states
HIDDEN_STATES = frozenset([BUSY, OUT])


def list_agents(call: Call) -> Reply:
    asked = call.query
    exclusive = [name for name in ("activeAgentAndActiveUser", "activeAgent", "acdId") if name in asked]
    if len(exclusive) > 1:
        raise Refused(
            400, "invalidValue", f"{' and '.join(exclusive)} exclude one another.", f"query.{exclusive[1]}"
        )
    found = [row for row in agents(call) if _is_asked(row, asked, call)]
    return reply([_shown(call, row, asked) for row in found])


def _is_asked(row: Row, asked: Row, call: Call) -> bool:
    if "acdId" in asked:
        return bool(row["person"]["acdId"] == asked["acdId"])
    if "activeAgent" in asked:
        return bool(row["active"] == asked["activeAgent"])
    if "activeAgentAndActiveUser" in asked:
        is_user = row["person"]["deactivated"] > epoch(call.now)
        return bool((row["active"] and is_user) == asked["activeAgentAndActiveUser"])
    return True


def _shown(call: Call, row: Row, asked: Row) -> Row:
    person = row["person"]
    names = {"firstName": person["firstName"], "lastName": person["lastName"]}
    brief = {"agentId": row["id"], **names, "employeeNumber": row["employeeNumber"]}
    work = {"skillMappings": row["skillMappings"], "multiSkillGroupId": 1}
    if row["services"]:
        work["serviceQueueId"] = row["services"][0]
    if not asked.get("fullDetail"):
        return {**brief, **work} if asked.get("filterable") else brief
    team = call.state.get("teams", str(person["groupId"]))
    full = {
        **brief,
        **work,
        "acdId": person["acdId"],
        "active": row["active"],
        "companyStartDate": row["companyStartDate"],
        "departmentStartDate": row["departmentStartDate"],
        "terminationDate": None,
        "mainTeam": {"teamId": team["id"], "name": team["name"]} if team else None,
        "workConditionProfileId": 1,
        "readOnly": False,
        "services": row["services"],
        "settings": {"$ref": f"/api/rest/scheduling/agent/{row['id']}/settings"},
        "teams": [team["id"]] if team else [],
    }
    return full | ({"exceptions": row["exceptions"]} if asked.get("agentAssignedException") else {})


def list_scheduled_agents(call: Call) -> Reply:
    asked, length = call.body, call.body["interval"] * 60_000
    span = days(asked["fromDate"], asked["toDate"], "body.toDate")
    wanted = asked.get("serviceQueueIds")
    queues = [
        row
        for row in visible(call, "serviceQueues")
        if MAIN_VIEW in row["viewIds"]
        and not row["notAllowForecast"]
        and (wanted is None or row["id"] in wanted)
    ]
    first, last = midnight(span[0], call.zone), midnight(span[-1] + timedelta(days=1), call.zone)
    planned = [one for row in agents(call) for one in activities(call, row, first, last) if one.queue]
    return reply([_staffing(call, row, span, length, planned) for row in queues])


def _staffing(call: Call, queue: Row, span: list[date], length: int, planned: list[Activity]) -> Row:
    mine = [one for one in planned if one.queue == queue["id"]]
    kind = call.state.get("queueTypes", str(queue["type"])) or {"id": queue["type"], "name": ""}
    return {
        "serviceQueueId": queue["id"],
        "serviceQueueName": queue["name"],
        "serviceTypeId": kind["id"],
        "serviceTypeName": kind["name"],
        "dates": [{"date": str(day), "intervals": _intervals(call, day, length, mine)} for day in span],
    }


def _intervals(call: Call, day: date, length: int, planned: list[Activity]) -> list[Row]:
    first, last = midnight(day, call.zone), midnight(day + timedelta(days=1), call.zone)
    counts = dict.fromkeys(range(first, last, length), 0.0)
    for one in planned:
        weight = 0.5 if one.blended else 1.0
        start = first + max(0, one.start - first) // length * length
        for at in range(start, min(one.end, last), length):
            counts[at] += weight * (min(one.end, at + length) - max(one.start, at)) / length
    return [{"intervalStartTime": at, "agentsScheduled": round(count, 1)} for at, count in counts.items()]


def list_available_agents(call: Call) -> Reply:
    queues, skills = (call.body.get(name) or [] for name in ("serviceQueueIds", "skillMappingIds"))
    if not queues and not skills:
        message = "Name at least one service queue or skill mapping."
        raise Refused(400, "required", message, "body.serviceQueueIds")
    now, found = epoch(call.now), []
    for row in agents(call):
        current = next((one for one in activities(call, row, now, now + 1) if one.kind == "in_service"), None)
        if current and (current.queue in queues or set(skills) & set(row["skillMappings"])):
            found.append(_available(call, row, current))
    return reply(found)


def _available(call: Call, row: Row, current: Activity) -> Row:
    return {
        "agentId": row["id"],
        "agentTimeZone": str(zone_of(call, row["person"])),
        "scheduledActivity": {
            "activityType": current.kind,
            "activityTypeLabel": current.label,
            "activityDetailName": current.name or "",
            "serviceQueueIds": row["services"] if current.blended else [current.queue],
            "skillMappingIds": row["skillMappings"],
            "startTime": str(current.start),
            "endTime": str(current.end),
        },
    }


def list_adherence(call: Call) -> Reply:
    [day] = days(call.query["date"], call.query["date"], "query.date")
    size, number = call.query["pageSize"], call.query["pageNumber"]
    page = agents(call)[(number - 1) * size : number * size]
    return reply([_adherence(call, row, day) for row in page])


def _adherence(call: Call, row: Row, day: date) -> Row:
    first, last = midnight(day, call.zone), midnight(day + timedelta(days=1), call.zone)
    now = epoch(call.now)
    details, planned, in_service, served, out = [], 0, 0, 0, 0
    for one in activities(call, row, first, last):
        start, end = max(one.start, first), min(one.end, last, now)
        detail, serving = _detail(call, row, one, start, end)
        details.append(detail)
        length = max(0, end - start) // 1000
        planned += length
        out += detail["outOfAdherenceSeconds"]
        if one.kind == "in_service":
            in_service += length
        served += serving
    return {
        "agentId": str(row["id"]),
        "acdAgentId": row["person"]["acdId"],
        "scheduledSeconds": planned,
        "scheduledInServiceSeconds": in_service,
        "actualInServiceSeconds": served,
        "notInAdherenceSeconds": out,
        "scheduleAdherence": round(100 * (planned - out) / planned, 1) if planned else 100.0,
        "scheduleConformity": round(100 * served / in_service, 1) if in_service else 100.0,
        "details": details,
    }


def _detail(call: Call, row: Row, one: Activity, start: int, end: int) -> tuple[Row, int]:
    """One activity, and how many seconds of it were spent serving."""
    fitting = SERVING if one.kind == "in_service" else HIDDEN_STATES
    actuals, serving = [], 0
    running = states(call, row, start, end) if end > start else []
    for place, state in enumerate(running):
        begin = max(state.start, start)
        until = running[place + 1].start if place + 1 < len(running) else end
        seconds = max(0, until - begin) // 1000
        serving += seconds if state.name in SERVING else 0
        actuals.append(_actual(state, begin, seconds, is_fitting=state.name in fitting))
    inside = sum(actual["inAdherenceSeconds"] for actual in actuals)
    unknown = max(0, end - start) // 1000 if not actuals else 0  # no state at all is no adherence
    return {
        "scheduledActivityType": one.kind,
        "scheduledActityStartTime": _utc(one.start),
        "inAdherenceSeconds": inside,
        "outOfAdherenceSeconds": unknown + sum(actual["outOfAdherenceSeconds"] for actual in actuals),
        "actuals": actuals,
    }, serving


def _actual(state: State, begin: int, seconds: int, *, is_fitting: bool) -> Row:
    return {
        "actualAgentState": state.name,
        "actualAgentStateStartTime": _utc(begin),
        "actualReasonCode": int(state.reason) if state.reason and state.reason.isdecimal() else None,
        "inAdherenceSeconds": seconds if is_fitting else 0,
        "outOfAdherenceSeconds": 0 if is_fitting else seconds,
    }


def _utc(moment: int) -> str:
    return datetime.fromtimestamp(moment / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def list_agent_states(call: Call) -> Reply:
    first, last = call.query["fromTime"], call.query["toTime"]
    if last <= first or last - first > RANGE:
        raise Refused(400, "rangeTooLong", "Ask for a range of at most 31 days.", "query.toTime")
    some = agents(call, (call.body or {}).get("agentIds")) if first <= epoch(call.now) else []
    found = [(row, states(call, row, first, last)) for row in some]
    return reply(
        [
            {
                "agentId": row["id"],
                "employeeId": row["employeeNumber"],
                "realTimeActivities": [
                    {"agentState": one.name, "reasonCode": one.reason, "timestamp": one.start} for one in some
                ],
            }
            for row, some in found
            if some
        ]
    )


def submit_state_changes(call: Call) -> Reply:
    changes = call.body if isinstance(call.body, list) else [call.body]
    known = {row["person"]["acdId"] for row in agents(call)}
    unknown: list[str] = []
    by_day: dict[tuple[str, date], list[Any]] = {}
    for one in changes:
        if one["acdAgentId"] not in known:
            unknown.append(one["acdAgentId"])
            continue
        reason = one.get("reasonCode")
        change = [one["timestamp"], one["gisStateIdentifier"], None if reason in (None, "") else str(reason)]
        by_day.setdefault((one["acdAgentId"], day_of(one["timestamp"], call.zone)), []).append(change)
    for (agent, day), fresh in by_day.items():
        row = call.state.get("stateChanges", f"{agent} {day}") or {"id": f"{agent} {day}", "changes": []}
        merged = {one[0]: one for one in [*row["changes"], *fresh]}  # sent twice counts once
        call.state.put("stateChanges", {**row, "changes": [merged[at] for at in sorted(merged)]})
    return reply({"accepted": len(changes) - len(unknown), "unknownAgents": sorted(set(unknown))})


def list_users(call: Call) -> Reply:
    wanted = call.query.get("acdId")
    return reply(
        [
            {
                "id": row["id"],
                "loginName": row["email"],
                "firstName": row["firstName"],
                "lastName": row["lastName"],
                "acdId": row["acdId"],
            }
            for row in visible(call, "persons")
            if wanted is None or row["acdId"] == wanted
        ]
    )


def request_exception(call: Call) -> Reply:
    asked = call.body
    row = next(iter(agents(call, [asked["agentId"]])), None) if "agentId" in asked else None
    if row is None:
        raise nothing("agent in your scope", "body.agentId")
    if call.state.get("exceptionTypes", str(asked["genericException"])) is None:
        raise Refused(400, "referenceNotFound", "There is no such exception type.", "body.genericException")
    first, last = asked["startTimeEpoch"], asked.get("endTimeEpoch", 0)
    if max(first, last) > LATEST:
        raise Refused(400, "invalidValue", "There is no plan for so far ahead.", "body.startTimeEpoch")
    if asked["entireDay"]:
        day = day_of(first, zone_of(call, row["person"]))
        last = midnight(day + timedelta(days=1), zone_of(call, row["person"]))
    if last <= first:
        raise Refused(400, "invalidValue", "It ends before it begins.", "body.endTimeEpoch")
    name = f"{row['person']['firstName']} {row['person']['lastName']}"
    kept = {
        "id": 1 + len(call.state.all("exceptionRequests")),
        "agentId": row["id"],
        "genericException": asked["genericException"],
        "startTimeEpoch": first,
        "endTimeEpoch": last,
        "entireDay": asked["entireDay"],
        "comment": asked.get("comment") or f"Asked for by Priya Nand for {name}.",
        "status": "approved",
    }
    call.state.put("exceptionRequests", kept)
    return reply(kept)
