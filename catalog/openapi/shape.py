"""A schema as a reader sees it: a tree of named values with their rules."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from catalog.openapi.closure import parts, pointer

DEEPEST = 10  # models inside one another
WIDEST = 400  # values of one object

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
    ("contentMediaType", "holds {}"),
    ("contentEncoding", "as {}"),
)
_Waiting = tuple["Shape", dict[str, Any], tuple[str, ...]]


@dataclass(slots=True)
class Budget:
    """How much one page shows, whatever the document asks for; what is left over becomes links."""

    nodes: int = 1200
    letters: int = 150_000  # of descriptions
    merges: int = 20_000

    def text(self, words: Any) -> str:
        shown = str(words or "")[: max(self.letters, 0)]
        self.letters -= len(shown)
        return shown


@dataclass(slots=True)
class Shape:
    """One value: a property, an array's element, a choice. `model` names the component it is."""

    name: str
    kind: str
    anchor: str
    required: bool = False
    nullable: bool = False
    deprecated: bool = False
    note: str = ""  # read only, write only, what chooses it
    model: str = ""
    is_seen: bool = False  # the model stands further up: shown as a link only
    is_folded: bool = False  # there is more inside than this page shows
    description: str = ""
    rules: list[str] = field(default_factory=list)
    values: list[Any] = field(default_factory=list)  # enum
    default: Any = None
    example: Any = None
    children: list[Shape] = field(default_factory=list)
    choices: str = ""  # "one of", "any of": then children are the choices


def shape(
    schema: Any, definition: dict[str, Any], *, name: str = "", anchor: str = "", budget: Budget | None = None
) -> Shape:
    """The tree of a schema, level by level until the budget is spent; a model inside itself is a link."""
    purse = budget or Budget()
    root, whole = _value(schema, definition, purse, name, anchor)
    waiting: deque[_Waiting] = deque([(root, whole, ())])
    while waiting:
        node, whole, above = waiting.popleft()
        if node.model in above or len(above) >= DEEPEST:
            node.is_seen = True
            continue
        within = (*above, node.model) if node.model else above
        for number, (child, inside) in enumerate(_children(node, whole, definition, purse)):
            if number >= WIDEST or purse.nodes <= 0:
                node.is_folded = True
                break
            purse.nodes -= 1
            node.children.append(child)
            waiting.append((child, inside, within))
    return root


def _value(
    schema: Any, definition: dict[str, Any], purse: Budget, name: str, anchor: str, required: bool = False
) -> tuple[Shape, dict[str, Any]]:
    """One value without its children, and its schema with references followed and allOf laid together."""
    models: list[str] = []
    whole = merged_schema(schema, definition, models, purse)
    if not isinstance(whole, dict):
        return Shape(name, "anything" if whole in (True, None) else "nothing", anchor, required), {}
    kinds = _listed(whole.get("type"))
    values = whole.get("enum")
    examples = whole.get("examples")
    return Shape(
        name=name,
        kind=_kind(whole, definition, purse),
        anchor=anchor,
        required=required,
        nullable="null" in kinds or whole.get("nullable") is True or _has_null(whole),
        deprecated=whole.get("deprecated") is True,
        note="read only" if whole.get("readOnly") else "write only" if whole.get("writeOnly") else "",
        model=models[0] if models else "",
        description=purse.text(whole.get("description")),
        rules=_rules(whole),
        values=list(values) if isinstance(values, list) else [whole["const"]] if "const" in whole else [],
        default=whole.get("default"),
        example=whole.get("example", examples[0] if isinstance(examples, list) and examples else None),
    ), whole


def _rules(whole: dict[str, Any]) -> list[str]:
    found = [words.format(str(whole[key])[:300]) for key, words in _RULES if key in whole]
    return [*found, "no two alike"] if whole.get("uniqueItems") is True else found


def _has_null(whole: dict[str, Any]) -> bool:
    return any({"type": "null"} in _listed(whole.get(key)) for key in ("oneOf", "anyOf"))


def merged_schema(
    schema: Any, definition: dict[str, Any], models: list[str], purse: Budget, depth: int = 0
) -> Any:
    """References followed (their names collected), allOf laid together."""
    while isinstance(schema, dict) and isinstance(schema.get("$ref"), str):
        purse.merges -= 1
        if purse.merges <= 0:
            return {}
        models.append(parts(schema["$ref"])[-1])
        beside = {key: value for key, value in schema.items() if key != "$ref"}
        target = pointer(definition, schema["$ref"])
        schema = {**target, **beside} if beside and isinstance(target, dict) else target
    if not isinstance(schema, dict) or not isinstance(schema.get("allOf"), list) or depth > DEEPEST:
        return schema
    merged: dict[str, Any] = {}
    for part in [*schema["allOf"], {key: value for key, value in schema.items() if key != "allOf"}]:
        purse.merges -= 1
        one = merged_schema(part, definition, [], purse, depth + 1) if purse.merges > 0 else {}
        if isinstance(one, dict):
            properties = {**(merged.get("properties") or {}), **(one.get("properties") or {})}
            required = [*_listed(merged.get("required")), *_listed(one.get("required"))]
            merged |= one
            merged |= {"properties": properties} if properties else {}
            merged |= {"required": required} if required else {}
    return merged


def _kind(whole: dict[str, Any], definition: dict[str, Any], purse: Budget, depth: int = 0) -> str:
    named = [str(kind) for kind in _listed(whole.get("type")) if kind != "null"]
    if not named:
        named = ["object"] if "properties" in whole else ["array"] if "items" in whole else []
    if named == ["array"]:
        items = merged_schema(whole.get("items"), definition, [], purse) if depth < 3 else None
        inside = _kind(items, definition, purse, depth + 1) if isinstance(items, dict) else "anything"
        return f"array of {inside}"
    text = " or ".join(named) or ("anything" if not _choices(whole) else "choice")
    return f"{text} · {whole['format']}" if isinstance(whole.get("format"), str) else text


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _choices(whole: dict[str, Any]) -> list[tuple[str, str, list[Any]]]:
    return [
        (key, words, [one for one in whole[key] if one != {"type": "null"}])
        for key, words in (("oneOf", "one of"), ("anyOf", "any of"))
        if isinstance(whole.get(key), list)
    ]


Children = Iterator[tuple[Shape, dict[str, Any]]]


def _children(result: Shape, whole: dict[str, Any], definition: dict[str, Any], purse: Budget) -> Children:
    """Lazily: the caller stops when it has enough."""
    yield from _options(result, whole, definition, purse)
    required = {name for name in _listed(whole.get("required")) if isinstance(name, str)}
    for name, child in (whole.get("properties") or {}).items():
        yield _value(child, definition, purse, name, _anchor(result.anchor, name), name in required)
    for name, child in (whole.get("patternProperties") or {}).items():
        yield _value(child, definition, purse, f"names like {name}", f"{result.anchor}.~{name}")
    for number, child in enumerate(_listed(whole.get("prefixItems")), 1):
        yield _value(child, definition, purse, f"element {number}", f"{result.anchor}[{number}]")
    if "items" in whole and _has_inside(whole["items"], definition, purse):
        yield _value(whole["items"], definition, purse, "each element", f"{result.anchor}[]")
    extra = whole.get("additionalProperties")
    if isinstance(extra, dict) and extra:
        yield _value(extra, definition, purse, "any other name", f"{result.anchor}.*")


def _options(result: Shape, whole: dict[str, Any], definition: dict[str, Any], purse: Budget) -> Children:
    discriminator = whole.get("discriminator")
    told_by = str(discriminator.get("propertyName", "")) if isinstance(discriminator, dict) else ""
    mapping = (discriminator.get("mapping") or {}) if isinstance(discriminator, dict) else {}
    names = {str(target).rsplit("/", 1)[-1]: str(value) for value, target in mapping.items()}
    for _, words, options in _choices(whole):
        if options:
            result.choices = f"{words}, told apart by {told_by}" if told_by else words
        for number, option in enumerate(options, 1):
            made, inside = _value(option, definition, purse, "", f"{result.anchor}.{number}")
            made.name = made.model or str(inside.get("title") or made.kind)
            if told_by and made.model:
                made.note = f"{told_by} = {names.get(made.model, made.model)}"
            yield made, inside


def _anchor(above: str, name: str) -> str:
    return f"{above}.{name}" if above else name


def _has_inside(items: Any, definition: dict[str, Any], purse: Budget) -> bool:
    whole = merged_schema(items, definition, [], purse)
    if not isinstance(whole, dict):
        return False
    telling = {
        "properties",
        "oneOf",
        "anyOf",
        "items",
        "enum",
        "description",
        "pattern",
        "additionalProperties",
    }
    return bool(telling & whole.keys())
