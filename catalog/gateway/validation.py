"""A request against its operation's document: parameters by place, then the body."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import jsonschema_rs

from catalog.gateway.bodies import Body
from catalog.gateway.checking import MOST_FAULTS, Fault, Invalid, compile_schema, faults, kind_of, typed
from catalog.gateway.entrance import cookies
from catalog.openapi.closure import resolve
from portal.wire import Request

__all__ = ["Fault", "Invalid", "RequestValidator", "compile_schema"]


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
            return [typed(piece, self.item_kind) for piece in pieces if piece != ""]
        return typed(texts[-1], self.kind)


class RequestValidator:
    """Compiled once per operation and process."""

    def __init__(self, definition: dict[str, Any]) -> None:
        operation = definition["operation"]
        self.parameters = [_parameter(entry, definition) for entry in operation.get("parameters", [])]
        self.in_query = [parameter for parameter in self.parameters if parameter.place == "query"]
        self.elsewhere = [p for p in self.parameters if p.place in ("header", "cookie")]
        self.in_path = {p.name: p for p in self.parameters if p.place == "path"}
        self.content = Body(definition)

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
        shown = cookies(request) if any(p.place == "cookie" for p in self.elsewhere) else {}
        for parameter in self.elsewhere:
            given = (
                request.header(parameter.name) if parameter.place == "header" else shown.get(parameter.name)
            )
            _take(parameter, None if given is None else [given], result, found)
        _raise(found)
        return result

    def body(self, request: Request) -> Any:
        """A value, a text or bytes, by media type; None where there is none."""
        return self.content.read(request) if self.content.media else None


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
        kind="object" if "content" in entry else kind_of(shape),
        item_kind=kind_of(items if isinstance(items, dict) else {}),
        explode=bool(entry.get("explode", style == "form")) and place == "query",
        separator={"spaceDelimited": " ", "pipeDelimited": "|"}.get(style, ","),
        validator=compile_schema(schema, definition),
        default=shape.get("default"),
    )
