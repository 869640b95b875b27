"""What the document's declarations cannot say: two lists in one answer, and rules between properties."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from catalog.sandbox import Call, Refused, Reply, reply

Row = dict[str, Any]

PERSON = ("active", "kind", "id", "user", "firstName", "lastName", "preferredName")


def all_users_of_team(call: Call) -> Reply:
    team = call.state.get("teams", call.path["teamId"])
    if team is None:
        raise Refused(404, "notFound", "There is no such entry in teams.", "path.teamId")
    members, owners = (_people(call, team[name]) for name in ("_memberIds", "_ownerIds"))
    count = len(members) + len(owners)
    return reply(
        {
            "kind": "via#teamState",
            "users": members,
            "teamOwners": owners,
            "lastIndexReturned": count,
            "totalItems": count,
        }
    )


def _people(call: Call, keys: list[str]) -> list[Row]:
    users = (call.state.get("users", key) for key in keys)
    return [{**{name: row[name] for name in PERSON}, "state": "deprecated"} for row in users if row]


def starts_outbound_email(value: str, call: Call) -> Callable[[Row], bool]:
    """Whether the handlers of a work type may start an e-mail: the only value the filter takes."""
    rules = call.state.derived("rules of work types", lambda: _rules(call))
    return lambda row: bool(rules.get(row["id"], {}).get("canInitiateNewOutboundEmail"))


def _rules(call: Call) -> dict[str, Row]:
    return {row["_workTypeId"]: row for row in call.state.all("workTypeRules")}


def checked_rules(row: Row, call: Call) -> Row:
    """`can3WayXfer` stands for two rights and is not kept itself."""
    if row["minWrapTime"] > row["maxWrapTime"]:
        raise Refused(400, "invalidValue", "minWrapTime is longer than maxWrapTime.", "body.minWrapTime")
    if "can3WayXfer" not in row:
        return row
    allowed = row["can3WayXfer"]
    kept = {name: value for name, value in row.items() if name != "can3WayXfer"}
    return kept | {"canConference": allowed, "canBlindTransfer": allowed}


def with_known_levels(items: list[Row], call: Call) -> list[Row]:
    """A level belongs to its skill."""
    for place, item in enumerate(items):
        skill = call.state.get("skills", item["id"]) or {}
        levels = {level["id"] for level in skill.get("skillLevels", ())}
        if "levelId" in item and item["levelId"] not in levels:
            field = f"body.userSkills[{place}].levelId"
            raise Refused(400, "referenceNotFound", "The skill has no such level.", field)
    return items
