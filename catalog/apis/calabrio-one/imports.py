"""Groups, teams and persons from files: inserted or updated where something differs, never deleted."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import orjson

from catalog.apis.calabrio_one.forms import RowFailed, csv_file, day, number, parts, table, truth
from catalog.apis.calabrio_one.persons import DEFAULT_TEAM, new_person, scheduled
from catalog.apis.calabrio_one.seen import Row, epoch, fresh
from catalog.sandbox import Call, Refused, Reply, reply

GROUP = "id name activatedDate deactivatedDate".split()
TEAM = [*GROUP, "parentGroupId", "productivityCompilation"]
PERSON = """personId email firstName lastName timeZone adLogin memberGroup activated deactivated locale roles
scopegroups scopeteams enableScheduling views mainView companyStartDate companyEndDate departmentStartDate
employeeId rank qmViews isReconcileOnly scopetenant acdId acdServerId""".split()
NEEDED = "personId email firstName lastName acdId acdServerId".split()
Saved = tuple[str, int]  # inserted, updated or unchanged; and the id
Save = Callable[[Call, Row], Saved]


def import_groups(call: Call) -> Reply:
    return reply(_imported(call, _rows(call, GROUP), _group))


def import_teams(call: Call) -> Reply:
    return reply(_imported(call, _rows(call, TEAM), _team))


def import_persons(call: Call) -> Reply:
    head, rows = table(csv_file(parts(call)[0]))
    missing = [name for name in NEEDED if name not in head]
    unknown = [name for name in head if name not in PERSON]
    if missing or unknown:
        message = f"Missing columns: {', '.join(missing) or 'none'}; unknown: {', '.join(unknown) or 'none'}."
        raise Refused(400, "wrongHeader", message, "body.file")
    return reply(_imported(call, [_named(head, row) for row in rows], _person))


def _rows(call: Call, columns: Sequence[str]) -> list[Row | None]:
    head, rows = table(csv_file(parts(call)[0]))
    if head != list(columns):
        raise Refused(400, "wrongHeader", f"The header has to be {','.join(columns)}.", "body.file")
    return [_named(head, row) for row in rows]


def _named(head: list[str], row: list[str]) -> Row | None:
    """None for a row that is not as wide as the header."""
    return dict(zip(head, (one.strip() for one in row), strict=True)) if len(row) == len(head) else None


def _imported(call: Call, rows: Sequence[Row | None], save: Save) -> Row:
    told: list[Row] = []
    for place, row in enumerate(rows, 1):
        try:
            if row is None:
                raise RowFailed("", "The row is not as wide as the header.")
            status, key = save(call, row)
            told.append({"row": place, "status": status, "id": key})
        except RowFailed as failed:
            field = {"field": failed.field} if failed.field else {}
            told.append({"row": place, "status": "failed", **field, "message": failed.message})
    words = ("inserted", "updated", "unchanged", "failed")
    return {word: sum(one["status"] == word for one in told) for word in words} | {"rows": told}


def _group(call: Call, row: Row) -> Saved:
    return _placed(call, "groups", row, {})


def _team(call: Call, row: Row) -> Saved:
    found = [one for one in call.state.by("groups", "name", row["parentGroupId"]) if not one["_hidden"]]
    if not found:
        raise RowFailed("parentGroupId", "No group has this name.")
    compiled = truth(row["productivityCompilation"] or "true", "productivityCompilation")
    return _placed(call, "teams", row, {"parentGroupId": found[0]["id"], "productivityCompilation": compiled})


def _placed(call: Call, collection: str, row: Row, more: Row) -> Saved:
    key = number(row["id"], "id")
    if not 0 < len(row["name"]) <= 60:
        raise RowFailed("name", "A name has 1 to 60 characters.")
    before = next(iter(call.state.by(collection, "name", row["name"])), None)
    if (before is None and key != 0) or (before is not None and key not in (0, before["id"])):
        raise RowFailed("id", "A new one has the id 0.")
    if before is not None and before["_hidden"]:
        raise RowFailed("name", "It is out of your scope.")
    begin, known = row["activatedDate"], (before or {}).get("activated", epoch(call.now))
    times = {
        "activated": day(begin, "activatedDate", call.zone) if begin else known,
        "deactivated": day(row["deactivatedDate"], "deactivatedDate", call.zone),
    }
    new = {"id": fresh(call, "groups", "teams"), "parentGroupId": 2, "_hidden": False}
    return _kept(call, collection, before, {**new, **(before or {}), "name": row["name"], **times, **more})


def _kept(call: Call, collection: str, before: Row | None, after: Row) -> Saved:
    if before == after:
        return "unchanged", after["id"]
    call.state.put(collection, after)
    return ("inserted" if before is None else "updated"), after["id"]


def _person(call: Call, row: Row) -> Saved:
    before = _same_person(call, row)
    if before is not None and before["_hidden"]:
        raise RowFailed("email", "The person is out of your scope.")
    if before is None and number(row["personId"], "personId") != 0:
        raise RowFailed("personId", "A new person has the id 0.")
    given = {name: row[name] for name in ("email", "firstName", "lastName") if row.get(name)}
    if before is None and len(given) < 3:
        raise RowFailed("email", "A new person needs an e-mail address and both names.")
    if "@" not in given.get("email", "@"):
        raise RowFailed("email", "This is no e-mail address.")
    # An identifier that is there is never taken away by an empty value.
    given |= {name: row[name] for name in ("acdId", "acdServerId", "adLogin", "locale") if row.get(name)}
    given |= _links(call, row) | _times(call, row)
    start = before or new_person(
        call, fresh(call, "persons"), {"groupId": DEFAULT_TEAM, "timeZone": 1, "acdId": ""}
    )
    after = {**start, **given}
    if row.get("enableScheduling"):
        after = scheduled(call, after, truth(row["enableScheduling"], "enableScheduling"), {})
    return _kept(call, "persons", before, after)


def _same_person(call: Call, row: Row) -> Row | None:
    for name in ("email", "adLogin", "acdId"):
        if row.get(name) and (found := call.state.by("persons", name, row[name])):
            return found[0]
    return None


def _links(call: Call, row: Row) -> Row:
    given: Row = {}
    if row.get("memberGroup"):
        given["groupId"] = _by_name(call, "teams", row["memberGroup"], "memberGroup")
    if row.get("timeZone"):
        given["timeZone"] = _by_name(call, "timeZones", row["timeZone"], "timeZone")
    if row.get("roles"):
        given["roles"] = [_by_name(call, "roles", one.strip(), "roles") for one in row["roles"].split(";")]
    return given


def _by_name(call: Call, collection: str, name: str, field: str) -> int:
    found = [one for one in call.state.by(collection, "name", name) if not one.get("_hidden")]
    if not found:
        raise RowFailed(field, "There is none of this name.")
    return int(found[0]["id"])


def _times(call: Call, row: Row) -> Row:
    names = ("activated", "deactivated")
    return {name: day(row[name], name, call.zone) for name in names if row.get(name)}


FIELDS = {"groups": GROUP, "teams": TEAM, "persons": PERSON}
SAVES: dict[str, Save] = {"groups": _group, "teams": _team, "persons": _person}


def kind_of(call: Call) -> str:
    given = str(call.path["importType"])
    return "persons" if given == "users" else given


def import_model(call: Call) -> Reply:
    files, fields = parts(call)
    mapping = _mapping([one.data for one in files if one.name.lower().endswith(".json")], fields)
    if mapping.get("tenantId") != 1:
        raise Refused(400, "invalidValue", "The tenant of the sandbox is 1.", "body.mapping.tenantId")
    kind, places = kind_of(call), mapping.get("mapping")
    if not isinstance(places, list) or not all(isinstance(one, dict) for one in places):
        raise Refused(400, "required", "The mapping lists columns.", "body.mapping.mapping")
    head, rows = table(csv_file(files))
    known = {one.get("column"): (one.get("field"), one.get("dataType")) for one in places}
    strange = [field for field, _ in known.values() if field not in FIELDS[kind]]
    absent = [column for column in known if column not in head]
    if strange or absent:
        message = f"Unknown fields: {len(strange)}; columns that are not in the file: {len(absent)}."
        raise Refused(400, "wrongMapping", message, "body.mapping.mapping")
    told = _imported(call, [_mapped(kind, known, _named(head, row)) for row in rows], SAVES[kind])
    good = len(rows) - told["failed"]
    outcome = {"status": "SUCCESS", "responseText": "Import finished"}
    if told["failed"]:
        outcome = {"status": "PARTIAL", "responseText": f"{good} of {len(rows)} rows imported"}
    return reply({**outcome, "rows": told["rows"]})


def _mapping(files: list[bytes], fields: dict[str, str]) -> Row:
    texts = [*files, *(text.encode() for text in fields.values())]
    try:
        found = orjson.loads(texts[0]) if texts else None
    except orjson.JSONDecodeError:
        found = None
    if not isinstance(found, dict):
        raise Refused(400, "required", "Send the mapping as JSON.", "body.mapping")
    return found


def _mapped(kind: str, known: Row, row: Row | None) -> Row | None:
    """The row under the model's names, its days as the imports write them."""
    if row is None:
        return None
    made = dict.fromkeys(FIELDS[kind], "")
    for column, (field, written) in known.items():
        text = row[column]
        if written == "DD/MM/YYYY" and text.count("/") == 2:
            one, two, year = text.split("/")
            text = f"{two}/{one}/{year}"
        made[field] = text
    for name in ("id", "personId"):
        if made.get(name) == "":
            made[name] = "0"
    if made.get("deactivatedDate") == "":
        made["deactivatedDate"] = "12/31/2999"
    return made
