"""A request as it is kept: which values stood where, cleaned of credentials."""

from __future__ import annotations

from typing import Any

import orjson

from catalog.console.errors import Malformed, TooMuch
from catalog.console.redaction import clean_body, clean_text, clean_value

LARGEST = 64 * 1024  # bytes of one kept request
MOST_ROWS = 300
PLACES = ("cookie", "header", "path", "query", "field")


def cleaned(given: Any) -> str:
    """The JSON text to keep of what a browser sent. Raises Malformed, TooMuch.

    {"environment": …, "rows": [{"place", "name", "value", "on", "own"}], "type": media type, "body": text}
    """
    if not isinstance(given, dict) or not isinstance(given.get("rows"), list):
        raise Malformed("The request could not be read.")
    if len(given["rows"]) > MOST_ROWS:
        raise TooMuch(f"At most {MOST_ROWS} parameters of a request are kept.")
    body = _string(given.get("body"))
    if len(body.encode()) > LARGEST:
        raise TooMuch("The body is too large to be kept.")
    kept = {
        "rows": [_row(one) for one in given["rows"]],
        "type": clean_text(_string(given.get("type"))[:200]),
        "accept": clean_text(_string(given.get("accept"))[:200]),
        "body": clean_body(body) if body else "",
    }
    text = orjson.dumps(kept)
    if len(text) > LARGEST:
        raise TooMuch("The request is too large to be kept.")
    return text.decode()


def _row(one: Any) -> dict[str, Any]:
    if not isinstance(one, dict) or one.get("place") not in PLACES:
        raise Malformed("The request could not be read.")
    name = _string(one.get("name"))[:200]
    return {
        "place": one["place"],
        "name": clean_text(name),
        "value": clean_value(name, _string(one.get("value"))),
        "on": one.get("on") is True,
        "own": one.get("own") is True,  # added by the person, not of the document
    }


def _string(value: Any) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        raise Malformed("The request could not be read.")
    return value.replace("\0", "")
