"""One person: read, created, changed, deleted; and the agent that belongs to them."""

from __future__ import annotations

from datetime import UTC, datetime

from catalog.apis.calabrio_one.seen import NEVER, VIEWS, Row, epoch, found, fresh
from catalog.sandbox import Call, Refused, Reply, reply

DEFAULT_TEAM, DEFAULT_ROLE = 4, 22


def get_person(call: Call) -> Reply:
    return reply([_shown(call, found(call, "persons", call.path["personId"], "person", "path.personId"))])


def _shown(call: Call, row: Row) -> Row:
    names = "firstName lastName email timeZone acdId groupId".split()
    agent = call.state.get("agents", str(row["_agentId"])) if row["_agentId"] else None
    shown = {"personId": row["id"], **{name: row[name] for name in names}}
    shown["enabledForScheduling"] = agent is not None
    if agent is not None:
        shown["agentDetail"] = {
            "skillMappings": agent["skillMappings"],
            "exceptions": agent["exceptions"],
            "views": [{"viewId": one, "mainView": one == agent["viewIds"][-1]} for one in agent["viewIds"]],
            "workShifts": agent.get("workShifts", []),
        }
    return shown


def get_person_time_zone(call: Call) -> Reply:
    row = found(call, "persons", call.path["personId"], "person", "path.personId")
    return reply(call.state.get("timeZones", str(row["timeZone"])))


def create_person(call: Call) -> Reply:
    body = call.body
    fields = {name: body[name] for name in ("firstName", "lastName", "email", "timeZone", "acdId")}
    fields["groupId"] = body.get("groupId", DEFAULT_TEAM)
    fields["roles"] = body.get("roles", [DEFAULT_ROLE])
    row = new_person(call, fresh(call, "persons"), fields)
    checked(call, row)
    row = scheduled(call, row, body["enabledForScheduling"], body.get("agentDetail", {}))
    call.state.put("persons", row)
    return reply([_shown(call, row)])


def new_person(call: Call, key: int, fields: Row) -> Row:
    kept = {"adLogin": "", "acdServerId": "2", "roles": [DEFAULT_ROLE], "locale": "en"}
    times = {"activated": epoch(call.now), "deactivated": NEVER}
    return {"id": key, **kept, **times, "_agentId": None, "_hidden": False, **fields}


def checked(call: Call, row: Row) -> None:
    """Raises Refused for what the row names and is not there, and for what another person has."""
    for collection, field in (("teams", "groupId"), ("timeZones", "timeZone")):
        if call.state.get(collection, str(row[field])) is None:
            message = f"There is no such entry in {collection}."
            raise Refused(400, "referenceNotFound", message, f"body.{field}")
    if any(call.state.get("roles", str(role)) is None for role in row["roles"]):
        raise Refused(400, "referenceNotFound", "There is no such role.", "body.roles")
    for field in ("email", "acdId"):
        others = call.state.by("persons", field, row[field]) if row[field] else ()
        if any(one["id"] != row["id"] for one in others):
            raise Refused(409, "alreadyExists", f"Another person has this {field}.", f"body.{field}")


def scheduled(call: Call, row: Row, is_wanted: bool, detail: Row) -> Row:
    """The person with an agent, or without one."""
    before = call.state.get("agents", str(row["_agentId"])) if row["_agentId"] else None
    if not is_wanted:
        if before is not None:
            call.state.delete("agents", str(before["id"]))
        return {**row, "_agentId": None}
    skills = [one.get("id") if isinstance(one, dict) else one for one in detail.get("skillMappings", ())]
    if any(call.state.get("skillMappings", str(one)) is None for one in skills):
        message = "There is no such skill mapping."
        raise Refused(400, "referenceNotFound", message, "body.agentDetail.skillMappings")
    today = datetime.fromtimestamp(epoch(call.now) / 1000, UTC).date().isoformat()
    key = before["id"] if before else fresh(call, "agents")
    new = {
        "id": key,
        "personId": row["id"],
        "employeeNumber": f"E-{900 + key}",
        "active": True,
        "companyStartDate": today,
        "departmentStartDate": today,
        "services": [],
        "exceptions": [],
        "viewIds": list(VIEWS),
    }
    agent = {**new, **(before or {}), "skillMappings": skills or (before or {}).get("skillMappings", [])}
    given = ("active", "companyStartDate", "departmentStartDate")
    agent |= {name: detail[name] for name in given if name in detail}
    call.state.put("agents", agent)
    return {**row, "_agentId": key}


def update_person(call: Call) -> Reply:
    body, key = call.body, call.path["personId"]
    if body["id"] != key:
        raise Refused(400, "invalidValue", "The id is not that of the address.", "body.id")
    before = call.state.get("persons", str(key))
    if before is not None and before["_hidden"]:
        raise Refused(400, "notFound", "There is no such person in your scope.", "path.personId")
    names = "firstName lastName email timeZone acdId acdServerId groupId".split()
    row = {**(before or new_person(call, key, {})), **{name: body[name] for name in names}}
    checked(call, row)
    is_wanted = body.get("enabledForScheduling", row["_agentId"] is not None)
    row = scheduled(call, row, is_wanted, body.get("agentDetails") or body.get("agentDetail") or {})
    call.state.put("persons", row)
    return reply([_shown(call, row)])


def delete_person(call: Call) -> Reply:
    row = found(call, "persons", call.path["personId"], "person", "path.personId")
    scheduled(call, row, False, {})
    call.state.delete("persons", str(row["id"]))
    return Reply(200)
