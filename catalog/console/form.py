"""What the console offers for an operation: inputs by place, bodies with examples, ways to sign in."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import orjson

from catalog.console import sign_in
from catalog.console.sign_in import Way
from catalog.models import ApiVersion, Operation
from catalog.openapi.closure import resolve
from catalog.openapi.example import made, media_examples
from catalog.openapi.forms import is_file
from catalog.openapi.shape import Budget, merged_schema

PLACES = {"cookie": "Cookies", "header": "Headers", "path": "Path", "query": "Query Parameters"}
SAFE = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
READING = frozenset({"search", "list", "get", "example"})  # x-sandbox actions that change nothing
LARGEST_SCHEMA = 300_000  # bytes of JSON that completion takes to the browser
MOST_EXAMPLES = 20
OURS = frozenset({"authorization", "accept", "content-type", "cookie"})  # said elsewhere in the form


@dataclass(frozen=True, slots=True)
class Input:
    """One value to fill in. `value` is prefilled; `is_on` says whether it is sent untouched."""

    place: str
    name: str
    kind: str
    required: bool
    is_on: bool
    value: str
    hint: str
    choices: list[str] = field(default_factory=list)
    style: str = "form"
    explode: bool = True
    is_file: bool = False
    is_several: bool = False  # files, each a part of its own


@dataclass(frozen=True, slots=True)
class Example:
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Body:
    """One media type. `kind`: json, form, multipart, xml, text or binary."""

    type: str
    kind: str
    examples: list[Example]
    inputs: list[Input]
    schema: Any


@dataclass(frozen=True, slots=True)
class ConsoleForm:
    operation: Operation
    parts: list[tuple[str, str, list[Input]]]  # place, title, inputs
    ways: list[Way]
    bodies: list[Body]
    body_required: bool
    accepts: list[str]
    writes: bool
    data: dict[str, Any]  # what the scripts need and the page does not show


@lru_cache(maxsize=64)
def form_of(pk: int, digest: str) -> ConsoleForm:
    """Kept under the digest of its version, which never changes."""
    operation = Operation.objects.select_related("version").get(pk=pk)
    return make_form(operation, operation.version)


def make_form(operation: Operation, version: ApiVersion) -> ConsoleForm:
    definition = operation.definition()
    raw = definition["operation"]
    body = resolve(definition, raw.get("requestBody")) or {}
    bodies = [_body(str(kind), media, definition) for kind, media in (body.get("content") or {}).items()]
    inputs = [
        _parameter(one, definition) for one in raw["parameters"] if str(one["name"]).lower() not in OURS
    ]
    action = (raw.get("x-sandbox") or {}).get("action")
    return ConsoleForm(
        operation=operation,
        parts=[
            (place, title, [one for one in inputs if one.place == place]) for place, title in PLACES.items()
        ],
        ways=sign_in.ways(raw.get("security"), version.outline().get("securitySchemes") or {}),
        bodies=bodies,
        body_required=body.get("required") is True,
        accepts=_accepts(definition),
        writes=operation.method not in SAFE and action not in READING,
        data=_data(definition, bodies),
    )


def _parameter(parameter: dict[str, Any], definition: dict[str, Any]) -> Input:
    schema = parameter.get("schema")
    for media in (parameter.get("content") or {}).values():
        schema = media.get("schema")
    place = str(parameter["in"])
    style = str(parameter.get("style") or ("form" if place in ("query", "cookie") else "simple"))
    return _input(
        place,
        str(parameter["name"]),
        schema,
        definition,
        required=parameter.get("required") is True,
        given=_given(parameter, definition),
        hint=str(parameter.get("description") or ""),
        style=style,
        explode=bool(parameter.get("explode", style == "form")),
    )


def _given(parameter: dict[str, Any], definition: dict[str, Any]) -> Any:
    if "example" in parameter:
        return parameter["example"]
    for example in (parameter.get("examples") or {}).values():
        return (resolve(definition, example) or {}).get("value")
    return None


def _input(
    place: str,
    name: str,
    schema: Any,
    definition: dict[str, Any],
    *,
    required: bool,
    given: Any = None,
    hint: str = "",
    style: str = "form",
    explode: bool = True,
) -> Input:
    whole = merged_schema(schema, definition, [], Budget(merges=500))
    whole = whole if isinstance(whole, dict) else {}
    for key in ("example", "default"):
        given = whole.get(key) if given is None else given
    if given is None and required:
        given = made(schema, definition, values=20)
    kind = _kind(whole)
    items = merged_schema(whole.get("items"), definition, [], Budget(merges=100)) if kind == "array" else None
    has_file = is_file(whole) or (place == "body" and is_file(items))
    return Input(
        place=place,
        name=name,
        kind=kind,
        required=required,
        is_on=required,
        value="" if has_file else _text(given),
        hint=" ".join((hint or str(whole.get("description") or "")).split())[:200],
        choices=[_text(one) for one in whole.get("enum") or (["true", "false"] if kind == "boolean" else [])][
            :200
        ],
        style=style,
        explode=explode,
        is_file=has_file,
        is_several=has_file and kind == "array",
    )


def _kind(whole: dict[str, Any]) -> str:
    kind = whole.get("type")
    if isinstance(kind, list):
        kind = next((one for one in kind if one != "null"), "string")
    return str(kind or ("object" if "properties" in whole else "array" if "items" in whole else "string"))


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, list) and not any(isinstance(one, (dict, list)) for one in value):
        return ",".join(_text(one) for one in value)
    return value if isinstance(value, str) else orjson.dumps(value).decode()


def body_kind(media_type: str) -> str:
    plain = media_type.split(";")[0].strip().lower()
    if plain in ("application/x-www-form-urlencoded", "multipart/form-data"):
        return "form" if plain.endswith("urlencoded") else "multipart"
    for words, kind in ((("json",), "json"), (("xml",), "xml"), (("text/", "csv", "yaml"), "text")):
        if any(word in plain for word in words):
            return kind
    return "binary"


def _body(media_type: str, media: dict[str, Any], definition: dict[str, Any]) -> Body:
    kind = body_kind(media_type)
    schema = media.get("schema", {})
    return Body(
        type=media_type,
        kind=kind,
        examples=[] if kind in ("form", "multipart", "binary") else _examples(media, kind, definition),
        inputs=_fields(media, definition) if kind in ("form", "multipart") else [],
        schema=schema,
    )


def _examples(media: dict[str, Any], kind: str, definition: dict[str, Any]) -> list[Example]:
    found = []
    for title, value in media_examples(media, definition)[:MOST_EXAMPLES]:
        is_text = isinstance(value, str) and kind != "json"
        text = value if is_text else orjson.dumps(value, option=orjson.OPT_INDENT_2).decode()
        found.append(Example(title, text))
    return found


def _fields(media: dict[str, Any], definition: dict[str, Any]) -> list[Input]:
    """The properties of a form, filled from its example where it has one."""
    whole = merged_schema(media.get("schema"), definition, [], Budget(merges=500))
    whole = whole if isinstance(whole, dict) else {}
    shown = media_examples(media, definition)
    values = shown[0][1] if shown and isinstance(shown[0][1], dict) else {}
    required = whole.get("required") or []
    return [
        _input("body", str(name), one, definition, required=name in required, given=values.get(name))
        for name, one in list((whole.get("properties") or {}).items())[:200]
    ]


def _accepts(definition: dict[str, Any]) -> list[str]:
    """Media types that answers may have, those of success first."""
    responses = definition["operation"].get("responses") or {}
    found: dict[str, None] = {}
    for status in sorted(map(str, responses), key=lambda one: not one.startswith("2")):
        content = (resolve(definition, responses.get(status)) or {}).get("content") or {}
        found.update(dict.fromkeys(map(str, content)))
    return list(found)


def _data(definition: dict[str, Any], bodies: list[Body]) -> dict[str, Any]:
    components = {"schemas": (definition.get("components") or {}).get("schemas") or {}}
    data = {
        "bodies": [{"type": one.type, "kind": one.kind, "schema": one.schema} for one in bodies],
        "components": components,
    }
    if not any(one.kind == "json" for one in bodies) or len(orjson.dumps(data)) > LARGEST_SCHEMA:
        data["bodies"] = [{"type": one.type, "kind": one.kind} for one in bodies]
        data["components"] = {}
    return data
