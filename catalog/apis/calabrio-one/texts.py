"""E-mails, chats and other texts: each becomes a contact, and comes once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from catalog.apis.calabrio_one.files import ending, unpacked
from catalog.apis.calabrio_one.incoming import moment, parsed
from catalog.apis.calabrio_one.seen import Row, fresh, is_visible
from catalog.apis.calabrio_one.tables import RowFailed, Table, check_header, named, split, table, too_many
from catalog.sandbox import Call, Refused, Reply, Upload, reply

KINDS = frozenset("email chat website twitter facebook other".split())
NEEDED = "textType filename time username".split()
COLUMNS = [*NEEDED, *"evalForm sender receiver subject metadata references id".split()]
DATA = frozenset(["csv", "json"])
Source = Iterator[tuple[str, int, Row | None]]  # file, number, record
Texts = Mapping[str, Upload]


def import_texts(call: Call) -> Reply:
    """POST and PUT. As CSV the texts are in files that are not here, so such a contact has none."""
    if isinstance(call.body, str):
        rows = list(_of_table(split(call.body, "The body"), ""))
        return reply(_imported(call, rows, None))
    body = call.body
    kind = body["textType"].casefold()
    if kind not in KINDS:
        raise Refused(400, "invalidValue", f"textType is one of {', '.join(sorted(KINDS))}.", "body.textType")
    shared = {"textType": kind, "evalForm": body.get("evalForm")}
    rows = [("", place, {**one, **shared}) for place, one in enumerate(body["records"], 1)]
    return reply(_imported(call, rows, None))


def import_text_files(call: Call) -> Reply:
    sent = unpacked(call)
    texts = {name: one for name, one in sent.items() if ending(name) not in DATA}
    rows = [row for name, one in sent.items() if name not in texts for row in _records(one)]
    if not rows:
        raise Refused(400, "required", "Send a data file in CSV or JSON.", "body.file")
    too_many(len(rows))
    return reply(_imported(call, rows, texts))


def _records(file: Upload) -> Source:
    if ending(file.name) == "csv":
        yield from _of_table(table(file), file.name)
        return
    found = parsed(file)
    for place, one in enumerate(found if isinstance(found, list) else [found], 1):
        yield file.name, place, one if isinstance(one, dict) else None


def _of_table(made: Table, file: str) -> Source:
    """Rows under the names and in the shapes that JSON has."""
    head, rows = made
    check_header(head, NEEDED, COLUMNS)
    for place, cells in enumerate(rows, 1):
        row = named(head, cells)
        yield file, place, None if row is None else _shaped(row)


def _shaped(row: Row) -> Row:
    made: Row = {name: value for name, value in row.items() if value != ""}
    for name in ("receiver", "references"):
        if name in made:
            made[name] = [one.strip() for one in made[name].split("|")]
    if "metadata" in made:
        pairs = (one.partition("=") for one in made["metadata"].split("|"))
        made["metadata"] = {name.strip(): value.strip() for name, _, value in pairs}
    if "evalForm" in made:
        made["evalForm"] = {"name": made["evalForm"]}
    return made


def _imported(call: Call, rows: list[tuple[str, int, Row | None]], texts: Texts | None) -> Row:
    told: list[Row] = []
    key, known = fresh(call, "contacts"), _fields(call)
    for file, place, row in rows:
        about: Row = {"row": place} | ({"file": file} if file else {})
        try:
            contact, once = _contact(call, row, texts, known)
        except RowFailed as failed:
            field = {"field": failed.field} if failed.field else {}
            told.append({**about, "status": "failed", **field, "message": failed.message})
            continue
        if once and call.state.get("importedTexts", once):
            message = "A text of this kind with this id was imported before."
            told.append({**about, "status": "skipped", "message": message})
            continue
        call.state.put("contacts", {**contact, "id": key, "assocCallId": key})
        if once:
            call.state.put("importedTexts", {"id": once, "contactId": key})
        told.append({**about, "status": "imported", "contactId": key})
        key += 1
    words = ("imported", "skipped", "failed")
    return {word: sum(one["status"] == word for one in told) for word in words} | {"records": told}


def _fields(call: Call) -> set[str]:
    """The fields that are defined, or that a contact has."""
    defined = {str(row["name"]) for row in call.state.all("fields")}
    return defined | {name for row in call.state.all("contacts") for name in row["fields"]}


def _contact(call: Call, row: Row | None, texts: Texts | None, known: set[str]) -> tuple[Row, str]:
    """The new contact without its id, and what must come only once (or nothing). Raises RowFailed."""
    if row is None:
        raise RowFailed("", "The record cannot be read: a row is as wide as the header, a record an object.")
    kind = _text(row, "textType", needed=True).casefold()
    if kind not in KINDS:
        raise RowFailed("textType", f"This is one of {', '.join(sorted(KINDS))}.")
    own = _text(row, "id")
    contact = {
        "personId": _person(call, _text(row, "username", needed=True)),
        "startTime": moment(row.get("time"), "time"),
        "text": _content(row, texts),
        "sender": _text(row, "sender"),
        "subject": _text(row, "subject"),
        "receiver": _texts(row, "receiver"),
        "references": _texts(row, "references"),
        "fields": _metadata(row.get("metadata") or {}, known),
        "form": _form(call, row.get("evalForm")),
        **PLAIN,
    }
    return contact, f"{kind} {own}" if own else ""


PLAIN: Row = {
    **dict.fromkeys(("ani", "dnis", "line"), ""),
    **dict.fromkeys(("isTagged", "isTraining", "hasAudio", "hasScreen"), False),
    "callDuration": 0,
    "score": None,
    "silences": [],
    "talkOvers": [],
}


def _text(row: Row, name: str, *, needed: bool = False) -> str:
    value = row.get(name) or ""
    if not isinstance(value, str):
        raise RowFailed(name, "This is a text.")
    if needed and not value:
        raise RowFailed(name, "This is needed.")
    return value


def _texts(row: Row, name: str) -> list[str]:
    value = row.get(name) or []
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise RowFailed(name, "This is a list of texts.")
    return value


def _person(call: Call, name: str) -> int:
    found = [row for row in call.state.by("persons", "email", name) if is_visible(row)]
    if not found:
        raise RowFailed("username", "There is no such person in your scope.")
    return int(found[0]["id"])


def _content(row: Row, texts: Texts | None) -> str:
    if texts is None:
        return _text(row, "text")
    name = _text(row, "filename", needed=True).replace("\\", "/").rpartition("/")[2]
    if name not in texts:
        raise RowFailed("filename", "This file is not in the upload.")
    try:
        return texts[name].data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise RowFailed("filename", "This file is not in UTF-8.") from None


def _metadata(given: Any, known: set[str]) -> dict[str, str]:
    if not isinstance(given, dict) or not all(isinstance(one, str) for one in given.values()):
        raise RowFailed("metadata", "These are texts by the names of fields.")
    strange = [name for name in given if name not in known]
    if strange:
        raise RowFailed("metadata", f"There is no field {strange[0][:40]}.")
    return given


def _form(call: Call, given: Any) -> int | None:
    """The id of an evaluation form, named by its id or else by its name. Raises RowFailed."""
    if given is None:
        return None
    forms = call.state.all("evaluationForms")
    wanted = given if isinstance(given, dict) else {}
    field = "id" if "id" in wanted else "name"
    found = [one["id"] for one in forms if field in wanted and one[field] == wanted[field]]
    if not found:
        raise RowFailed("evalForm", "There is no such evaluation form.")
    return int(found[0])
