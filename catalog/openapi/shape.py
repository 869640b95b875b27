"""A schema as a reader sees it: a tree of named values with their rules."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from catalog.openapi.closure import parts, pointer

DEEPEST = 12

_RULES = (
    ("minLength", "at least {} characters"),
    ("maxLength", "at most {} characters"),
    ("minimum", "≥ {}"),
    ("exclusiveMinimum", "> {}"),
    ("maximum", "≤ {}"),
    ("exclusiveMaximum", "< {}"),
    ("multipleOf", "multiple of {}"),
    ("minItems", "at least {} items"),
    ("maxItems", "at most {} items"),
    ("minProperties", "at least {} properties"),
    ("maxProperties", "at most {} properties"),
    ("pattern", "matches {}"),
)


@dataclass(slots=True)
class Shape:
    """One value: a property, an array's element, a choice. `model` names the component it is."""

    name: str
    kind: str
    anchor: str
    required: bool = False
    nullable: bool = False
    deprecated: bool = False
    note: str = ""  # read only, write only
    model: str = ""
    is_seen: bool = False  # the model stands further up: shown as a link only
    description: str = ""
    rules: list[str] = field(default_factory=list)
    values: list[Any] = field(default_factory=list)  # enum
    default: Any = None
    example: Any = None
    children: list[Shape] = field(default_factory=list)
    choices: str = ""  # "one of", "any of": then children are the choices


def shape(schema: Any, definition: dict[str, Any], *, name: str = "", anchor: str = "") -> Shape:
    """The tree of a schema; a model inside itself becomes a link (`is_seen`)."""
    return _shape(schema, definition, name, anchor, ())


def _shape(
    schema: Any,
    definition: dict[str, Any],
    name: str,
    anchor: str,
    above: tuple[str, ...],
    required: bool = False,
) -> Shape:
    models: list[str] = []
    whole = _merged(schema, definition, models)
    if not isinstance(whole, dict):
        return Shape(name, "anything" if whole in (True, None) else "nothing", anchor, required)
    kinds = whole.get("type", [])
    kinds = [kinds] if isinstance(kinds, str) else list(kinds)
    result = Shape(
        name=name,
        kind=_kind(whole, definition, kinds),
        anchor=anchor,
        required=required,
        nullable="null" in kinds or whole.get("nullable") is True,
        deprecated=whole.get("deprecated") is True,
        note="read only" if whole.get("readOnly") else "write only" if whole.get("writeOnly") else "",
        model=models[0] if models else "",
        description=str(whole.get("description", "")),
        rules=[words.format(whole[key]) for key, words in _RULES if key in whole],
        values=list(whole.get("enum") or ([whole["const"]] if "const" in whole else [])),
        default=whole.get("default"),
        example=whole.get("example", next(iter(whole.get("examples") or []), None)),
    )
    if result.model in above or len(above) > DEEPEST:
        result.is_seen = True
    else:
        within = (*above, result.model) if result.model else above
        result.children = list(_children(result, whole, definition, within))
    return result


def _merged(schema: Any, definition: dict[str, Any], models: list[str]) -> Any:
    """References followed (their names collected), allOf laid together."""
    hops = 0
    while isinstance(schema, dict) and isinstance(schema.get("$ref"), str) and hops < 32:
        hops += 1
        models.append(parts(schema["$ref"])[-1])
        beside = {key: value for key, value in schema.items() if key != "$ref"}
        target = pointer(definition, schema["$ref"])
        schema = {**target, **beside} if beside and isinstance(target, dict) else target
    if not isinstance(schema, dict) or "allOf" not in schema:
        return schema
    merged: dict[str, Any] = {}
    for part in [*schema["allOf"], {key: value for key, value in schema.items() if key != "allOf"}]:
        one = _merged(part, definition, [])
        if isinstance(one, dict):
            properties = {**merged.get("properties", {}), **one.get("properties", {})}
            required = [*merged.get("required", []), *one.get("required", [])]
            merged |= one
            merged |= {"properties": properties} if properties else {}
            merged |= {"required": required} if required else {}
    return merged


def _kind(whole: dict[str, Any], definition: dict[str, Any], kinds: list[str]) -> str:
    named = [kind for kind in kinds if kind != "null"]
    if not named:
        named = ["object"] if "properties" in whole else ["array"] if "items" in whole else []
    if named == ["array"]:
        items = _merged(whole.get("items"), definition, [])
        of = (
            _kind(items, definition, _listed(items.get("type", [])))
            if isinstance(items, dict)
            else "anything"
        )
        return f"array of {of}"
    text = " or ".join(named) or "anything"
    return f"{text} · {whole['format']}" if "format" in whole else text


def _listed(kinds: Any) -> list[str]:
    return [kinds] if isinstance(kinds, str) else list(kinds)


def _children(
    result: Shape, whole: dict[str, Any], definition: dict[str, Any], above: tuple[str, ...]
) -> Iterator[Shape]:
    for key, words in (("oneOf", "one of"), ("anyOf", "any of")):
        options = [option for option in whole.get(key) or [] if option != {"type": "null"}]
        if options:
            result.choices = words
            for number, option in enumerate(options, 1):
                made = _shape(option, definition, "", f"{result.anchor}.{number}", above)
                made.name = made.model or made.kind
                yield made
    required = set(whole.get("required") or [])
    for name, child in (whole.get("properties") or {}).items():
        yield _shape(child, definition, name, _anchor(result.anchor, name), above, name in required)
    if "items" in whole and _has_inside(whole["items"], definition):
        yield _shape(whole["items"], definition, "each element", f"{result.anchor}[]", above)
    extra = whole.get("additionalProperties")
    if isinstance(extra, dict):
        yield _shape(extra, definition, "any other name", f"{result.anchor}.*", above)


def _anchor(above: str, name: str) -> str:
    return f"{above}.{name}" if above else name


def _has_inside(items: Any, definition: dict[str, Any]) -> bool:
    whole = _merged(items, definition, [])
    if not isinstance(whole, dict):
        return False
    return bool({"properties", "oneOf", "anyOf", "items", "enum", "description", "pattern"} & whole.keys())
