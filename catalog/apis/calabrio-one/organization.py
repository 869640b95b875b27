"""Groups, teams, persons, roles and tenants. Groups and teams share their ids."""

from __future__ import annotations

from typing import Any

from catalog.apis.calabrio_one.seen import NEVER, Row, epoch, found, fresh, nothing, visible
from catalog.sandbox import Call, Refused, Reply, reply


def list_groups(call: Call) -> Reply:
    return reply([{"id": row["id"], "name": row["name"]} for row in visible(call, "groups")])


def get_group(call: Call) -> Reply:
    return reply([_plain(found(call, "groups", call.path["id"], "group", "path.id"))])


def _plain(row: Row) -> Row:
    return {name: row[name] for name in ("id", "name", "activated", "deactivated")}


def get_common_group(call: Call) -> Reply:
    return reply(_with_teams(call, found(call, "groups", call.path["id"], "group", "path.id")))


def _with_teams(call: Call, row: Row) -> Row:
    teams = [one for one in visible(call, "teams") if one["parentGroupId"] == row["id"]]
    return {
        **_plain(row),
        "parentGroupId": row["parentGroupId"],
        "teams": [{"name": one["name"], "groupId": one["id"]} for one in teams],
    }


def create_common_group(call: Call) -> Reply:
    row = _place(call, "groups", name=call.body["name"], parent=call.body["parentGroupId"])
    _take_teams(call, row)
    return reply(_with_teams(call, row))


def create_group(call: Call) -> Reply:
    return reply(_plain(_saved_group(call, None)))


def save_group(call: Call) -> Reply:
    return reply(_plain(_saved_group(call, call.path["id"])))


def _saved_group(call: Call, key: int | None) -> Row:
    body = call.body
    before = None if key is None else call.state.get("groups", str(key))
    if before is None and key is not None and call.state.get("teams", str(key)):
        raise Refused(409, "alreadyExists", "A team has this id.", "path.id")
    if before is not None and before["_hidden"]:
        raise Refused(400, "notFound", "There is no such group in your scope.", "path.id")
    parent = body["parentGroupId"] if "parentGroupId" in body else body["ParentGroupId"]
    times = {"activated": body["activated"], "deactivated": body.get("deactivated", NEVER)}
    return _place(call, "groups", name=body["name"], parent=parent, before=before, key=key, **times)


def update_common_group(call: Call) -> Reply:
    before = found(call, "groups", call.path["id"], "group", "path.id")
    body = call.body
    row = _place(call, "groups", name=body["name"], parent=body["parentGroupId"], before=before)
    return reply(_with_teams(call, row))


def change_placeholder_group(call: Call) -> Reply:
    before = found(call, "groups", call.path["group"], "group", "path.group")
    body = call.body
    row = _place(call, "groups", name=body["name"], parent=body["parentGroupId"], before=before)
    _take_teams(call, row)
    return reply(_with_teams(call, row))


def _take_teams(call: Call, row: Row) -> None:
    for place, key in enumerate(call.body.get("teams", ())):
        team = call.state.get("teams", str(key))
        if team is None or team["_hidden"]:
            raise Refused(400, "referenceNotFound", "There is no such team.", f"body.teams[{place}]")
        call.state.put("teams", {**team, "parentGroupId": row["id"]})


def _place(
    call: Call,
    collection: str,
    *,
    name: str,
    parent: int,
    before: Row | None = None,
    key: int | None = None,
    **more: Any,
) -> Row:
    """A group or team with its name and place. Raises Refused: no such parent, name taken, a circle."""
    if before is None or before["parentGroupId"] != parent:
        above = call.state.get("groups", str(parent))
        if above is None or above["_hidden"]:
            raise Refused(400, "referenceNotFound", "There is no such group above.", "body.parentGroupId")
    own = before["id"] if before else key
    if collection == "groups" and own is not None and _is_below(call, parent, own):
        raise Refused(400, "invalidValue", "A group cannot stand below itself.", "body.parentGroupId")
    if any(
        one["name"].casefold() == name.casefold() and one["id"] != own for one in call.state.all(collection)
    ):
        raise Refused(409, "alreadyExists", "This name is taken.", "body.name")
    new = {"activated": epoch(call.now), "deactivated": NEVER, "_hidden": False}
    if collection == "teams":
        new["productivityCompilation"] = True
    row = {**new, **(before or {}), **more, "name": name, "parentGroupId": parent}
    row["id"] = own if own is not None else fresh(call, "groups", "teams")
    call.state.put(collection, row)
    return row


def _is_below(call: Call, key: int, top: int) -> bool:
    seen: set[int] = set()
    while key not in seen:
        if key == top:
            return True
        seen.add(key)
        row = call.state.get("groups", str(key))
        key = row["parentGroupId"] if row else key
    return False


def delete_common_group(call: Call) -> Reply:
    row = found(call, "groups", call.path["id"], "group", "path.id")
    for collection in ("groups", "teams"):
        if any(one["parentGroupId"] == row["id"] for one in call.state.all(collection)):
            raise Refused(409, "inUse", f"There are {collection} below it.", "path.id")
    call.state.delete("groups", str(row["id"]))
    return Reply(200)


def list_groups_by_permission(call: Call) -> Reply:
    _permission(call)
    return list_groups(call)


def create_group_by_permission(call: Call) -> Reply:
    _permission(call)
    row = _place(call, "groups", name=call.body["name"], parent=call.body["parentGroupId"])
    return reply({"name": row["name"], "id": row["id"]})


def _permission(call: Call) -> None:
    wanted = call.path["permission"].casefold()
    if not any(row["name"].casefold() == wanted for row in call.state.all("permissions")):
        raise nothing("permission", "path.permission")


def list_scope_tree(call: Call) -> Reply:
    _permission(call)
    names = {row["id"]: row["name"] for row in visible(call, "groups")}
    teams = visible(call, "teams")
    return reply(
        [
            {
                **_scoped(row, names),
                "teams": [
                    {**_scoped(team, names), "agents": _scope_agents(call, team)}
                    for team in teams
                    if team["parentGroupId"] == row["id"]
                ],
            }
            for row in visible(call, "groups")
        ]
    )


def _scoped(row: Row, names: dict[int, str]) -> Row:
    parent = row["parentGroupId"]
    return {
        "groupId": row["id"],
        "name": row["name"],
        "displayId": row["id"],
        "parentGroupId": parent,
        "parentGroupName": names.get(parent, ""),
    }


def _scope_agents(call: Call, team: Row) -> list[Row]:
    found_agents = []
    for row in call.state.by("persons", "groupId", team["id"]):
        agent = call.state.get("agents", str(row["_agentId"])) if row["_agentId"] else None
        skill = str(agent["skillMappings"][0]) if agent and agent["skillMappings"] else ""
        names = {name: row[name] for name in ("firstName", "lastName", "groupId", "email")}
        found_agents.append({"personId": row["id"], **names, "tenantId": 1, "skillId": skill})
    return found_agents


def list_group_persons(call: Call) -> Reply:
    return reply(_people(call, _teams_of(call)))


def _teams_of(call: Call) -> list[Row]:
    key = call.path["groupId"]
    team = call.state.get("teams", str(key))
    if team is not None and not team["_hidden"]:
        return [team]
    group = found(call, "groups", key, "group", "path.groupId")
    return [one for one in visible(call, "teams") if one["parentGroupId"] == group["id"]]


def _people(call: Call, teams: list[Row]) -> list[Row]:
    rows = (row for team in teams for row in call.state.by("persons", "groupId", team["id"]))
    return [
        {"firstName": row["firstName"], "lastName": row["lastName"], "personId": row["id"]} for row in rows
    ]


def move_person(call: Call) -> Reply:
    teams = _teams_of(call)
    if not teams:
        raise Refused(400, "invalidValue", "The group has no team to move anybody into.", "path.groupId")
    row = call.state.get("persons", str(call.body["personId"]))
    if row is None or row["_hidden"]:
        raise Refused(400, "referenceNotFound", "There is no such person.", "body.personId")
    call.state.put("persons", {**row, "groupId": teams[0]["id"]})
    return reply(_people(call, teams))


def create_role(call: Call) -> Reply:
    body = call.body
    known = {row["id"]: row["name"] for row in call.state.all("permissions")}
    if call.state.get("tenants", str(body["tenantId"])) is None:
        raise Refused(400, "referenceNotFound", "There is no such tenant.", "body.tenantId")
    if any(known.get(one["id"]) != one["name"] for one in body["permissions"]):
        message = "There is no permission of this id and name."
        raise Refused(400, "referenceNotFound", message, "body.permissions")
    if call.state.by("roles", "name", body["name"]):
        raise Refused(409, "alreadyExists", "This name is taken.", "body.name")
    row = {"id": fresh(call, "roles"), "name": body["name"], "tenantId": body["tenantId"]}
    row["permissions"] = body["permissions"]
    call.state.put("roles", row)
    return reply(row)


def create_team(call: Call) -> Reply:
    row = _place(call, "teams", name=call.body["name"], parent=call.body["parentGroupId"])
    for place, key in enumerate(call.body.get("users", ())):
        person = call.state.get("persons", str(key))
        if person is None or person["_hidden"]:
            raise Refused(400, "referenceNotFound", "There is no such person.", f"body.users[{place}]")
        call.state.put("persons", {**person, "groupId": row["id"]})
    return reply(_with_agents(call, row))


def get_team(call: Call) -> Reply:
    return reply(_with_agents(call, found(call, "teams", call.path["teamId"], "team", "path.teamId")))


def _with_agents(call: Call, row: Row) -> Row:
    kept = "tenantId firstName lastName email groupId activated deactivated".split()
    return {
        "id": row["id"],
        "name": row["name"],
        "parentGroupId": row["parentGroupId"],
        "agents": [
            {
                "personId": one["id"],
                **{name: one[name] for name in kept if name in one},
                "tenantId": 1,
                "acdId": int(one["acdServerId"]) if one["acdServerId"].isdecimal() else 0,
                "displayId": f"{one['firstName']} {one['lastName']}",
                "isSynchronized": bool(one["acdId"]),
                "timeZone": None,
                "adLogin": bool(one["adLogin"]),
            }
            for one in call.state.by("persons", "groupId", row["id"])
        ],
    }


def update_team(call: Call) -> Reply:
    before = found(call, "teams", call.path["teamId"], "team", "path.teamId")
    body = call.body
    return reply(
        _with_agents(
            call, _place(call, "teams", name=body["name"], parent=body["parentGroupId"], before=before)
        )
    )


def delete_team(call: Call) -> Reply:
    row = found(call, "teams", call.path["teamId"], "team", "path.teamId")
    if call.state.by("persons", "groupId", row["id"]):
        raise Refused(409, "inUse", "There are people in it.", "path.teamId")
    call.state.delete("teams", str(row["id"]))
    return Reply(200)


def list_teams_by_permission(call: Call) -> Reply:
    _permission(call)
    return reply([{"name": row["name"], "groupId": row["parentGroupId"]} for row in visible(call, "teams")])


def create_team_by_permission(call: Call) -> Reply:
    _permission(call)
    body = call.body
    parent = body["parentGroupId"] if "parentGroupId" in body else body["ParentGroupId"]
    row = _place(call, "teams", name=body["name"], parent=parent)
    return reply({"name": row["name"], "groupId": row["parentGroupId"]})


def create_tenant(call: Call) -> Reply:
    body = call.body
    if call.state.by("tenants", "name", body["name"]):
        raise Refused(409, "alreadyExists", "This name is taken.", "body.name")
    row = {
        "name": body["name"],
        "activated": body["activated"],
        "deactivated": body.get("deactivated", NEVER),
    }
    call.state.put("tenants", {"id": fresh(call, "tenants"), **row})
    return reply(row)
