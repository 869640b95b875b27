"""What is wrong with a value, in words that never repeat it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import jsonschema_rs
import orjson

MOST_FAULTS = 20


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with a request: where, by which rule, in words. Never the value itself."""

    field: str
    rule: str
    message: str
    status: int = 400


class Invalid(Exception):
    """The request does not fit the document."""

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__(faults[0].message)
        self.faults = faults
        self.status = faults[0].status


def compile_schema(schema: Any, definition: dict[str, Any]) -> jsonschema_rs.Draft202012Validator:
    """A validator that knows the operation's components, fetches nothing and repeats no value.

    One that refers to nothing is made without the components: each validator has a copy of its own.
    """
    refers = b'"$ref"' in orjson.dumps(schema)
    whole = {key: value for key, value in definition.items() if refers and key != "operation"}
    return jsonschema_rs.Draft202012Validator(
        {**whole, "allOf": [schema]}, validate_formats=True, offline=True, mask="The value"
    )


def faults(validator: jsonschema_rs.Draft202012Validator, value: Any, place: str) -> Iterable[Fault]:
    for error in validator.iter_errors(value):
        path = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in error.instance_path)
        yield Fault(place + path, error.kind.name, error.message[:300])


def check(validator: jsonschema_rs.Draft202012Validator, value: Any, place: str) -> None:
    """Raises Invalid with the first faults."""
    if validator.is_valid(value):
        return
    found = []
    for fault in faults(validator, value, place):
        found.append(fault)
        if len(found) == MOST_FAULTS:
            break
    raise Invalid(found)


def typed(text: str, kind: str) -> Any:
    """The value a text stands for; a text that fits no number stays text and fails validation as such."""
    if kind == "integer" and re.fullmatch(r"-?\d{1,18}", text):
        return int(text)
    if kind == "number" and re.fullmatch(r"-?\d{1,18}(\.\d{1,18})?([eE][+-]?\d{1,2})?", text):
        return float(text)
    if kind == "boolean" and text in ("true", "false"):
        return text == "true"
    if kind == "object":
        try:
            return orjson.loads(text)
        except orjson.JSONDecodeError:
            return text
    return text


def kind_of(shape: dict[str, Any]) -> str:
    """The type a text is read as; "null" beside it does not count."""
    kind = shape.get("type", "string")
    if isinstance(kind, list):
        kind = next((one for one in kind if one != "null"), "string")
    return str(kind)
