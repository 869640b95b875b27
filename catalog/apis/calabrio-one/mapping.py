"""Files whose columns are called as a mapping says."""

from __future__ import annotations

from collections.abc import Sequence

import orjson

from catalog.apis.calabrio_one.files import ending, fields, files, only
from catalog.apis.calabrio_one.seen import Row
from catalog.apis.calabrio_one.tables import named, table
from catalog.sandbox import Call, Refused


def mapped_rows(call: Call, known: Sequence[str], *, tenant_needed: bool) -> list[Row | None]:
    """The rows of a file under the names that a mapping gives to its columns. Raises Refused 400."""
    mapping = _mapping(call)
    if mapping.get("tenantId", 0 if tenant_needed else 1) != 1:
        raise Refused(400, "invalidValue", "The tenant of the sandbox is 1.", "body.mapping.tenantId")
    places = mapping.get("mapping")
    if not isinstance(places, list) or not all(isinstance(one, dict) for one in places):
        raise Refused(400, "required", "The mapping lists columns.", "body.mapping.mapping")
    head, rows = table(only(files(call), "csv"))
    columns = {str(one.get("column")): (one.get("field"), one.get("dataType")) for one in places}
    strange = [field for field, _ in columns.values() if field not in known]
    absent = [column for column in columns if column not in head]
    if strange or absent:
        message = f"Unknown fields: {len(strange)}; columns that are not in the file: {len(absent)}."
        raise Refused(400, "wrongMapping", message, "body.mapping.mapping")
    return [_renamed(columns, named(head, row)) for row in rows]


def _mapping(call: Call) -> Row:
    texts = [one.data for one in files(call) if ending(one.name) == "json"]
    texts += [text.encode() for text in fields(call)]
    try:
        found = orjson.loads(texts[0]) if texts else None
    except orjson.JSONDecodeError:
        found = None
    if not isinstance(found, dict):
        raise Refused(400, "required", "Send the mapping as JSON.", "body.mapping")
    return found


def _renamed(columns: dict[str, tuple[str, str]], row: Row | None) -> Row | None:
    """The row under the fields' names, its days as the imports write them."""
    if row is None:
        return None
    made = {}
    for column, (field, written) in columns.items():
        text = row[column]
        if written == "DD/MM/YYYY" and text.count("/") == 2:
            one, two, year = text.split("/")
            text = f"{two}/{one}/{year}"
        made[field] = text
    return made
