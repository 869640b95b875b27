"""Groups, teams and persons from files: inserted or updated where something differs, never deleted."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from catalog.apis.calabrio_one.files import files, only
from catalog.apis.calabrio_one.mapping import mapped_rows
from catalog.apis.calabrio_one.persons import DEFAULT_TEAM, new_person, scheduled
from catalog.apis.calabrio_one.seen import Row, epoch, fresh
from catalog.apis.calabrio_one.tables import RowFailed, check_header, day, named, number, table, truth
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
    head, rows = table(only(files(call), "csv"))
    check_header(head, NEEDED, PERSON)
    return reply(_imported(call, [named(head, row) for row in rows], _person))


def _rows(call: Call, columns: Sequence[str]) -> list[Row | None]:
    head, rows = table(only(files(call), "csv"))
    if head != list(columns):
        raise Refused(400, "wrongHeader", f"The header has to be {','.join(columns)}.", "body.file")
    return [named(head, row) for row in rows]


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
    kind = kind_of(call)
    rows = mapped_rows(call, FIELDS[kind], tenant_needed=True)
    told = _imported(call, [_completed(kind, row) for row in rows], SAVES[kind])
    good = len(rows) - told["failed"]
    outcome = {"status": "SUCCESS", "responseText": "Import finished"}
    if told["failed"]:
        outcome = {"status": "PARTIAL", "responseText": f"{good} of {len(rows)} rows imported"}
    return reply({**outcome, "rows": told["rows"]})


def _completed(kind: str, row: Row | None) -> Row | None:
    """With every column that the model has; a new row, and one without an end, where nothing is said."""
    if row is None:
        return None
    made = {**dict.fromkeys(FIELDS[kind], ""), **row}
    for name, usual in (("id", "0"), ("personId", "0"), ("deactivatedDate", "12/31/2999")):
        if made.get(name) == "":
            made[name] = usual
    return made
