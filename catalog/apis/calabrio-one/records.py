"""Small things kept: import preferences, and lists of numbers that are recorded or are not."""

from __future__ import annotations

from catalog.apis.calabrio_one.seen import Row, found, fresh
from catalog.sandbox import Call, Refused, Reply, reply

LISTS, KEY = "inclusionExclusionLists", "inclusionExclusionListId"


def list_import_preferences(call: Call) -> Reply:
    kept: dict[str, list[Row]] = {}
    for row in call.state.all("importPreferences"):
        kept.setdefault(row["type"], []).append(row)
    return reply({"preferences": [{kind: rows} for kind, rows in kept.items()]})


def create_import_preference(call: Call) -> Reply:
    _keep(call, fresh(call, "importPreferences"))
    return Reply(200)


def update_import_preference(call: Call) -> Reply:
    row = found(call, "importPreferences", call.path["id"], "import preference", "path.id")
    _keep(call, row["id"])
    return Reply(200)


def _keep(call: Call, key: int) -> None:
    body = call.body
    kind = "persons" if body["type"] == "users" else body["type"]
    row = {"id": key, "name": body["name"], "type": kind, "mappings": body["mappings"]}
    call.state.put("importPreferences", row)


def create_inclusion_exclusion(call: Call) -> Reply:
    wanted = call.body[KEY]
    is_free = 0 < wanted < 2**31 and call.state.get(LISTS, str(wanted)) is None
    return _stored(call, int(wanted) if is_free else fresh(call, LISTS, key=KEY))


def create_inclusion_exclusion_at(call: Call) -> Reply:
    if call.state.get(LISTS, str(call.path["id"])) is not None:
        raise Refused(409, "alreadyExists", "There is a list of this id.", "path.id")
    return _stored(call, call.path["id"])


def update_inclusion_exclusion(call: Call) -> Reply:
    return _stored(call, found(call, LISTS, call.path["id"], "list", "path.id")[KEY])


def _stored(call: Call, key: int) -> Reply:
    row = {**call.body, KEY: key}
    call.state.put(LISTS, row)
    return reply(row)
