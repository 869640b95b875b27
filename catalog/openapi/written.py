"""A value as the text of its media type: what a sample sends, what a page shows, what an example answers."""

from __future__ import annotations

import base64
import binascii
import csv
import io
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode
from xml.sax.saxutils import escape

import orjson

FORM = "application/x-www-form-urlencoded"


def kind_of_media(media_type: str) -> str:
    """json, form, parts, xml, csv, text or bytes."""
    name = media_type.split(";", 1)[0].strip().lower()
    if "json" in name:
        return "json"
    if name in (FORM, "multipart/form-data"):
        return "form" if name == FORM else "parts"
    if name in ("application/xml", "text/xml") or name.endswith("+xml"):
        return "xml"
    if name == "text/csv":
        return "csv"
    return "text" if name.startswith("text/") or name == "*/*" else "bytes"


def written(value: Any, media_type: str, *, name: str = "") -> str:
    """`name` is that of the schema, for the outermost element of XML."""
    kind = kind_of_media(media_type)
    if kind == "json" or (kind == "parts" and not isinstance(value, str)):
        return orjson.dumps(value, option=orjson.OPT_INDENT_2).decode()
    if isinstance(value, str):
        return value
    if kind == "form" and isinstance(value, dict):
        return urlencode({key: _plain(one) for key, one in value.items() if one is not None}, doseq=True)
    if kind == "xml":
        return "\n".join(_elements(name or "root", value, 0))
    if kind == "csv" and isinstance(value, list):
        return _csv(value)
    return "" if value is None else orjson.dumps(value, option=orjson.OPT_INDENT_2).decode()


def body_of(value: Any, media_type: str, schema: Any) -> bytes:
    """As it goes over the wire; a binary example is base64 where the schema says so (contentEncoding)."""
    if kind_of_media(media_type) == "json":
        return orjson.dumps(value)
    text = written(value, media_type, name=schema_name(schema))
    if isinstance(schema, dict) and schema.get("contentEncoding") == "base64":
        try:
            return base64.b64decode(text, validate=True)
        except binascii.Error:
            return text.encode()
    return text.encode("utf-8", "replace")


def schema_name(schema: Any) -> str:
    """What XML calls a value of the schema."""
    if not isinstance(schema, dict):
        return ""
    told = schema.get("xml")
    if isinstance(told, dict) and told.get("name"):
        return str(told["name"])
    return str(schema.get("$ref", "")).rpartition("/")[2]


def _plain(value: Any) -> Any:
    if isinstance(value, list):
        return [_plain(one) for one in value]
    return value if isinstance(value, str) else orjson.dumps(value).decode()


def _elements(name: str, value: Any, depth: int) -> Iterator[str]:
    space = "  " * depth
    if isinstance(value, list):
        for one in value:
            yield from _elements(name, one, depth)
    elif isinstance(value, dict):
        yield f"{space}<{name}>"
        for key, one in value.items():
            yield from _elements(str(key), one, depth + 1)
        yield f"{space}</{name}>"
    else:
        text = "" if value is None else value if isinstance(value, str) else orjson.dumps(value).decode()
        yield f"{space}<{name}>{escape(text)}</{name}>"


def _csv(rows: list[Any]) -> str:
    """Objects get a header line of their names; lists are lines as they are."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    names = list(rows[0]) if rows and isinstance(rows[0], dict) else []
    if names:
        writer.writerow(names)
    for row in rows:
        if isinstance(row, dict):
            row = [row.get(name) for name in names]
        writer.writerow(row if isinstance(row, list) else [row])
    return out.getvalue()
