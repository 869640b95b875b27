"""Service queues and skill mappings: what is left out of a change stays as it is."""

from __future__ import annotations

from typing import Any

from catalog.apis.calabrio_one.seen import MAIN_VIEW, VIEWS, Row, found, fresh, visible
from catalog.sandbox import Call, Refused, Reply, reply

IN_USE = 6  # the condition of a workflow rule names this queue
BLEND = {"id": 1, "name": "Care Blend"}  # the one multiskill group, and its queues
BLENDED = (6, 8, 9)
DNS = {32: ("Care DN", 18_005_550_142)}
OPEN = {"open": "08:00", "close": "20:00", "active": True}
CLOSED = {**OPEN, "active": False}
WEEK = "sunday monday tuesday wednesday thursday friday saturday".split()
ORDERS = ("schedulingOrderParameters", "vacationOrderParameters")
DEFAULTS: Row = {
    "acdServerId": 2,
    "priority": 0,
    "color": "#7399BD",
    "notAllowForecast": False,
    "msaq": False,
    "closedHoursRedistributionType": 0,
    "handlingThreshold": 0,
    "talkTime": 0,
    "workTime": 0,
    "serviceLevelObjectivePercent": 80,
    "serviceLevelObjectiveSeconds": 20,
    "productivityPercent": 0,
    "fteHourPerWeek": 0,
    "breakHoursPerWeek": 0,
    "forecastStaffingAdjustmentFactor": 1.0,
    "days": {day: CLOSED if day in ("saturday", "sunday") else OPEN for day in WEEK},
    "assignedDns": [],
    "virtual": False,
    "virtualServices": [],
    "schedulingOrderParameters": [],
    "vacationOrderParameters": [],
    "forecastPrecisionLevel": 0,
    "shrinkageScenarioId": None,
}


def _type(call: Call, row: Row) -> Row:
    return call.state.get("queueTypes", str(row["type"])) or {"id": row["type"], "name": "", "contactType": 0}


def list_service_queues(call: Call) -> Reply:
    asked = call.query
    rows = visible(call, "serviceQueues")
    if asked["mainViewOnly"]:
        rows = [row for row in rows if MAIN_VIEW in row["viewIds"]]
    if "type" in asked:
        rows = [row for row in rows if row["type"] == asked["type"]]
    if "contactType" in asked:
        rows = [row for row in rows if _type(call, row)["contactType"] == asked["contactType"]]
    if asked["forcastAllowed"] and _is_read(asked):
        rows = [row for row in rows if not row["notAllowForecast"]]
    return reply([_summary(call, row, asked) for row in rows])


def _is_read(asked: Row) -> bool:
    """forcastAllowed counts alone, with both additions, or with those and one of type and contactType."""
    both, one = asked["view"] and asked["skillMappings"], asked["view"] or asked["skillMappings"]
    kinds = sum(name in asked for name in ("type", "contactType"))
    return bool((both and kinds < 2) or (not one and not kinds))


def _summary(call: Call, row: Row, asked: Row) -> Row:
    whole, kind = {**DEFAULTS, **row}, _type(call, row)
    names = "id number name priority virtual color notAllowForecast msaq type shrinkageScenarioId".split()
    shown = {name: whole[name] for name in names}
    shown |= {"typeDesc": kind["name"], "contactType": kind["contactType"]}
    if asked["view"]:
        shown["viewIds"] = [{"id": one} for one in row["viewIds"] if one in VIEWS]
    if asked["skillMappings"]:
        shown["skillMappingIds"] = [{"id": one["id"]} for one in _skills(row)]
    return shown


def _skills(row: Row) -> list[Row]:
    return [one if isinstance(one, dict) else {"id": one, "priority": 1} for one in row["skills"]]


def get_service_queue(call: Call) -> Reply:
    key = call.path["serviceQueueId"]
    return reply(_shown(call, found(call, "serviceQueues", key, "service queue", "path.serviceQueueId")))


def _shown(call: Call, row: Row) -> Row:
    whole = {**DEFAULTS, **row}
    shown = {name: value for name, value in whole.items() if name not in ("viewIds", "skills", "groups")}
    names = {one["id"]: one["name"] for one in call.state.all("skillMappings")}
    queues = {one["id"]: one for one in call.state.all("serviceQueues")}
    groups = row.get("groups", [{"id": 1, "priority": 1}] if row["id"] in BLENDED else [])
    return shown | {
        "typeDesc": _type(call, row)["name"],
        "skillMappings": [{**one, "name": names.get(one["id"], "")} for one in _skills(row)],
        "multiSkillGroups": [{**one, "name": BLEND["name"]} for one in groups],
        "assignedDns": [
            {**one, "name": DNS[one["id"]][0], "number": DNS[one["id"]][1]} for one in whole["assignedDns"]
        ],
        "virtualServices": [
            {
                "id": one,
                "hourGap": 0,
                "ratio": 1,
                "name": queues[one]["name"],
                "number": queues[one]["number"],
            }
            for one in whole["virtualServices"]
            if one in queues
        ],
        "agentIds": [one["id"] for one in visible(call, "agents") if row["id"] in one["services"]],
    }


def create_service_queue(call: Call) -> Reply:
    body = call.body
    if call.state.by("serviceQueues", "number", body["number"]):
        raise Refused(409, "alreadyExists", "Another service queue has this number.", "body.number")
    row = {"id": fresh(call, "serviceQueues"), "number": body["number"], "viewIds": list(VIEWS), "skills": []}
    return reply(_shown(call, _saved(call, row)))


def update_service_queue(call: Call) -> Reply:
    key = call.path["serviceQueueId"]
    row = found(call, "serviceQueues", key, "service queue", "path.serviceQueueId")
    return reply(_shown(call, _saved(call, row)))


def _saved(call: Call, row: Row) -> Row:
    body = call.body
    same = call.state.by("serviceQueues", "name", body["name"])
    if any(one["id"] != row["id"] for one in same):
        raise Refused(409, "alreadyExists", "Another service queue has this name.", "body.name")
    kind = call.state.get("queueTypes", str(body["type"]))
    if kind is None:
        raise Refused(400, "referenceNotFound", "There is no such type.", "body.type")
    _check_hours(body["days"])
    plain = {name: value for name, value in body.items() if name in DEFAULTS and name not in ORDERS}
    new = {**row, **plain, "name": body["name"], "type": body["type"]}
    for name in ORDERS:
        if name in body:
            _once([one["priority"] for one in body[name]], f"body.{name}")
            new[name] = body[name]
    if kind["contactType"] == 1:
        new |= {"serviceLevelObjectivePercent": 100, "serviceLevelObjectiveSeconds": None}
    new |= _relations(call, new)
    call.state.put("serviceQueues", new)
    if "agentIds" in body:
        _assign(call, new["id"], body["agentIds"])
    return new


def _check_hours(days: Row) -> None:
    """Raises Refused 400: one time without the other, the wrong order, or no day with hours."""
    some = False
    for day in WEEK:
        hours = days.get(day, {"active": False})
        begin, end = hours.get("open"), hours.get("close")
        if not hours["active"]:
            continue
        if (begin is None) != (end is None) or (begin is not None and end <= begin):
            raise Refused(400, "invalidValue", "Give both times, in their order.", f"body.days.{day}")
        some = some or begin is not None
    if not some:
        raise Refused(400, "invalidValue", "At least one active day needs hours.", "body.days")


def _once(values: list[Any], field: str) -> None:
    if len(set(values)) != len(values):
        raise Refused(400, "duplicate", "A priority stands in the list twice.", field)


def _relations(call: Call, row: Row) -> Row:
    """The links that the body names; those it leaves out are left alone."""
    body, made = call.body, {}
    if "skillMappings" in body:
        _known(call, "skillMappings", [one["id"] for one in body["skillMappings"]], "body.skillMappings")
        made["skills"] = body["skillMappings"]
    if "multiSkillGroups" in body:
        is_ours = row["id"] in BLENDED or call.operation_id == "createServiceQueue"
        made["groups"] = [one for one in body["multiSkillGroups"] if one["id"] == BLEND["id"] and is_ours]
    if "assignedDns" in body:
        for place, one in enumerate(body["assignedDns"]):
            _check_dn(one, f"body.assignedDns[{place}]")
        made["assignedDns"] = body["assignedDns"]
    if "virtualServices" in body:
        made["virtualServices"] = [one["id"] for one in body["virtualServices"]]
        for key in made["virtualServices"]:
            source = call.state.get("serviceQueues", str(key))
            if source is None or source["type"] != row["type"]:
                message = "A source is a service queue of the same type."
                raise Refused(400, "referenceNotFound", message, "body.virtualServices")
    return made


def _check_dn(one: Row, field: str) -> None:
    if one["id"] not in DNS:
        raise Refused(400, "referenceNotFound", "There is no such number.", field)
    if one["end"] <= one["start"] or not any(one["days"].values()):
        raise Refused(400, "invalidValue", "The end is after the start, and a day is set.", field)


def _known(call: Call, collection: str, keys: list[int], field: str) -> None:
    if any(call.state.get(collection, str(key)) is None for key in keys):
        raise Refused(400, "referenceNotFound", f"There is no such entry in {collection}.", field)


def _assign(call: Call, queue: int, wanted: list[int]) -> None:
    _known(call, "agents", wanted, "body.agentIds")
    for row in call.state.all("agents"):
        others = [one for one in row["services"] if one != queue]
        services = [*others, queue] if row["id"] in wanted else others
        if set(services) != set(row["services"]):
            call.state.put("agents", {**row, "services": services})


def delete_service_queue(call: Call) -> Reply:
    key = call.path["serviceQueueId"]
    row = found(call, "serviceQueues", key, "service queue", "path.serviceQueueId")
    if row["id"] == IN_USE:
        message = "The condition of a workflow rule names this queue."
        raise Refused(409, "inUse", message, "path.serviceQueueId")
    _assign(call, row["id"], [])
    call.state.delete("serviceQueues", str(row["id"]))
    return Reply(200)


def list_skill_mappings(call: Call) -> Reply:
    rows = visible(call, "skillMappings")
    if call.query["mainViewOnly"]:
        rows = [row for row in rows if MAIN_VIEW in row["viewIds"]]
    return reply([{"id": row["id"], "name": row["name"]} for row in rows])


def _skill(call: Call) -> Row:
    key = call.path["skillMappingId"]
    return found(call, "skillMappings", key, "skill mapping", "path.skillMappingId")


def get_skill_mapping(call: Call) -> Reply:
    return reply(_shown_skill(call, _skill(call)))


def _shown_skill(call: Call, row: Row) -> Row:
    agents = [one for one in visible(call, "agents") if row["id"] in one["skillMappings"]]
    people = [(one, call.state.get("persons", str(one["personId"])) or {}) for one in agents]
    return {
        "id": row["id"],
        "name": row["name"],
        "agents": [
            {
                "id": one["id"],
                "number": one["employeeNumber"],
                "lastName": person.get("lastName", ""),
                "firstName": person.get("firstName", ""),
            }
            for one, person in people
        ],
        "services": [
            {"id": queue["id"], "number": queue["number"], "name": queue["name"], "priority": one["priority"]}
            for queue in visible(call, "serviceQueues")
            for one in _skills(queue)
            if one["id"] == row["id"]
        ],
    }


def create_skill_mapping(call: Call) -> Reply:
    return reply(_saved_skill(call, {"id": fresh(call, "skillMappings"), "viewIds": list(VIEWS)}))


def update_skill_mapping(call: Call) -> Reply:
    return reply(_saved_skill(call, _skill(call)))


def _saved_skill(call: Call, row: Row) -> Row:
    body = call.body
    if any(one["id"] != row["id"] for one in call.state.by("skillMappings", "name", body["name"])):
        raise Refused(409, "alreadyExists", "Another skill mapping has this name.", "body.name")
    new = {**row, "name": body["name"]}
    call.state.put("skillMappings", new)
    if "agents" in body:
        wanted = [one["id"] for one in body["agents"]]
        _known(call, "agents", wanted, "body.agents")
        _give_skill(call, new["id"], wanted)
    if "services" in body:
        ranks = {one["id"]: one["priority"] for one in body["services"]}
        _known(call, "serviceQueues", list(ranks), "body.services")
        _give_queues(call, new["id"], ranks)
    return _shown_skill(call, new)


def _give_skill(call: Call, key: int, wanted: list[int]) -> None:
    for row in call.state.all("agents"):
        if (row["id"] in wanted) != (key in row["skillMappings"]):
            others = [one for one in row["skillMappings"] if one != key]
            skills = [*others, key] if row["id"] in wanted else others
            call.state.put("agents", {**row, "skillMappings": skills})


def _give_queues(call: Call, key: int, ranks: dict[int, int]) -> None:
    for row in call.state.all("serviceQueues"):
        others = [one for one in _skills(row) if one["id"] != key]
        own = [{"id": key, "priority": ranks[row["id"]]}] if row["id"] in ranks else []
        call.state.put("serviceQueues", {**row, "skills": [*others, *own]})


def delete_skill_mapping(call: Call) -> Reply:
    row = _skill(call)
    _give_skill(call, row["id"], [])
    _give_queues(call, row["id"], {})
    call.state.delete("skillMappings", str(row["id"]))
    return Reply(200)
