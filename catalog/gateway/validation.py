"""A request against its operation's document: parameters by place, then the body."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import jsonschema_rs
import orjson

from catalog.openapi.closure import resolve
from portal.wire import Request

LARGEST_BODY = 10 * 1024 * 1024  # bytes; a document may ask for less with x-max-body
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
    """A validator that knows the operation's components, fetches nothing and repeats no value."""
    whole = {key: value for key, value in definition.items() if key != "operation"}
    return jsonschema_rs.Draft202012Validator(
        {**whole, "allOf": [schema]}, validate_formats=True, offline=True, mask="The value"
    )


def faults(validator: jsonschema_rs.Draft202012Validator, value: Any, place: str) -> Iterable[Fault]:
    for error in validator.iter_errors(value):
        path = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in error.instance_path)
        yield Fault(place + path, error.kind.name, error.message[:300])


@dataclass(slots=True)
class _Parameter:
    name: str
    place: str  # query, path, header, cookie
    required: bool
    kind: str  # the schema's type
    item_kind: str
    explode: bool
    separator: str
    validator: jsonschema_rs.Draft202012Validator
    default: Any

    def read(self, texts: list[str]) -> Any:
        if self.kind == "array":
            pieces = (
                texts if self.explode else [piece for text in texts for piece in text.split(self.separator)]
            )
            return [_typed(piece, self.item_kind) for piece in pieces if piece != ""]
        return _typed(texts[-1], self.kind)


def _typed(text: str, kind: str) -> Any:
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


class RequestValidator:
    """Compiled once per operation and process."""

    def __init__(self, definition: dict[str, Any]) -> None:
        operation = definition["operation"]
        self.parameters = [_parameter(entry, definition) for entry in operation.get("parameters", [])]
        self.in_query = [parameter for parameter in self.parameters if parameter.place == "query"]
        self.elsewhere = [p for p in self.parameters if p.place in ("header", "cookie")]
        self.in_path = {p.name: p for p in self.parameters if p.place == "path"}
        body = resolve(definition, operation.get("requestBody")) or {}
        self.body_required: bool = body.get("required") is True
        self.largest: int = operation.get("x-max-body", LARGEST_BODY)
        self.bodies: dict[str, jsonschema_rs.Draft202012Validator | None] = {
            content_type.split(";")[0].strip().lower(): (
                compile_schema(media["schema"], definition)
                if "schema" in media and "json" in content_type
                else None
            )
            for content_type, media in (body.get("content") or {}).items()
        }

    def path(self, values: dict[str, str]) -> dict[str, Any]:
        found: list[Fault] = []
        result: dict[str, Any] = {}
        for name, text in values.items():
            parameter = self.in_path.get(name)
            result[name] = parameter.read([text]) if parameter else text
            if parameter and not parameter.validator.is_valid(result[name]):
                found.extend(faults(parameter.validator, result[name], f"path.{name}"))
        _raise(found)
        return result

    def query(self, request: Request) -> dict[str, Any]:
        """Typed values with defaults; names the document does not know are passed over."""
        if not self.in_query and not request.query_string:
            return {}
        texts: dict[str, list[str]] = {}
        for name, text in request.query():
            texts.setdefault(name, []).append(text)
        found: list[Fault] = []
        result: dict[str, Any] = {}
        for parameter in self.in_query:
            given = texts.get(parameter.name) or texts.get(parameter.name + "[]")
            _take(parameter, given, result, found)
        _raise(found)
        return result

    def headers(self, request: Request) -> dict[str, Any]:
        """Documented headers and cookies, by their documented spelling."""
        if not self.elsewhere:
            return {}
        found: list[Fault] = []
        result: dict[str, Any] = {}
        cookies = _cookies(request) if any(p.place == "cookie" for p in self.elsewhere) else {}
        for parameter in self.elsewhere:
            given = (
                request.header(parameter.name) if parameter.place == "header" else cookies.get(parameter.name)
            )
            _take(parameter, None if given is None else [given], result, found)
        _raise(found)
        return result

    def body(self, request: Request) -> Any:
        """Parsed JSON, or the bytes of another documented media type; None when there is none."""
        if not self.bodies:
            return None
        raw = request.body(self.largest)
        if not raw:
            if self.body_required:
                raise Invalid([Fault("body", "required", "A body is required.")])
            return None
        content_type = (request.header("Content-Type") or "").split(";", 1)[0].strip().lower()
        if content_type not in self.bodies:
            known = ", ".join(self.bodies)
            raise Invalid([Fault("Content-Type", "contentType", f"The body must be {known}.", status=415)])
        validator = self.bodies[content_type]
        if "json" not in content_type:
            return raw
        try:
            value = orjson.loads(raw)
        except orjson.JSONDecodeError as error:
            message = f"The body is not JSON: {error.msg} (line {error.lineno}, column {error.colno})."
            raise Invalid([Fault("body", "json", message)]) from None
        if validator is not None and not validator.is_valid(value):
            found = []
            for fault in faults(validator, value, "body"):
                found.append(fault)
                if len(found) == MOST_FAULTS:
                    break
            raise Invalid(found)
        return value


def _raise(found: list[Fault]) -> None:
    if found:
        raise Invalid(found[:MOST_FAULTS])


def _take(parameter: _Parameter, given: list[str] | None, result: dict[str, Any], found: list[Fault]) -> None:
    place = f"{parameter.place}.{parameter.name}"
    if given is None:
        if parameter.required:
            found.append(
                Fault(place, "required", f"The {parameter.place} parameter {parameter.name} is required.")
            )
        elif parameter.default is not None:
            result[parameter.name] = parameter.default
        return
    value = parameter.read(given)
    if not parameter.validator.is_valid(value):
        found.extend(faults(parameter.validator, value, place))
    result[parameter.name] = value


def _cookies(request: Request) -> dict[str, str]:
    pairs = (piece.split("=", 1) for piece in (request.header("Cookie") or "").split(";") if "=" in piece)
    return {name.strip(): value.strip().strip('"') for name, value in pairs}


def _parameter(entry: dict[str, Any], definition: dict[str, Any]) -> _Parameter:
    schema = entry.get("schema")
    if schema is None:  # the other way to describe one: a media type, in practice JSON
        media: dict[str, Any] = next(iter((entry.get("content") or {}).values()), {})
        schema = media.get("schema", {})
    shape = resolve(definition, schema)
    shape = shape if isinstance(shape, dict) else {}
    items = resolve(definition, shape.get("items"))
    place = str(entry["in"])
    style = entry.get("style") or ("form" if place in ("query", "cookie") else "simple")
    return _Parameter(
        name=str(entry["name"]),
        place=place,
        required=entry.get("required") is True,
        kind="object" if "content" in entry else _kind(shape),
        item_kind=_kind(items if isinstance(items, dict) else {}),
        explode=bool(entry.get("explode", style == "form")) and place == "query",
        separator={"spaceDelimited": " ", "pipeDelimited": "|"}.get(style, ","),
        validator=compile_schema(schema, definition),
        default=shape.get("default"),
    )


def _kind(shape: dict[str, Any]) -> str:
    kind = shape.get("type", "string")
    if isinstance(kind, list):
        kind = next((one for one in kind if one != "null"), "string")
    return str(kind)
