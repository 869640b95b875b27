"""The document's own examples, or believable ones made from a schema: always within a bound."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from catalog.openapi.closure import resolve
from catalog.openapi.shape import Budget, merged_schema

DEEPEST = 7
_TEXTS = {
    "date": "2026-01-15",
    "date-time": "2026-01-15T09:30:00Z",
    "time": "09:30:00Z",
    "duration": "PT30M",
    "uuid": "3f2a9c1e-7b64-4d0f-9a51-2c8e6d7b9f10",
    "email": "ana.ruiz@example.com",
    "uri": "https://example.com/",
    "url": "https://example.com/",
    "hostname": "example.com",
    "ipv4": "192.0.2.1",
    "ipv6": "2001:db8::1",
    "byte": "dGV4dA==",
    "binary": "",
}


@dataclass(slots=True)
class _Left:
    values: int


def media_examples(media: dict[str, Any], definition: dict[str, Any]) -> list[tuple[str, Any]]:
    """(title, value) of each example of a media type; one made from the schema where there is none."""
    examples = media.get("examples")
    if isinstance(examples, dict) and examples:
        found = []
        for name, entry in examples.items():
            one = resolve(definition, entry)
            if isinstance(one, dict) and "value" in one:
                found.append((str(one.get("summary") or name), one["value"]))
        if found:
            return found
    if "example" in media:
        return [("Example", media["example"])]
    return [("Example", made(media["schema"], definition))] if "schema" in media else []


def made(schema: Any, definition: dict[str, Any], *, values: int = 250) -> Any:
    """The smallest believable value of a schema: its example, default, first enum, or by type."""
    return _made(schema, definition, 0, _Left(values), Budget(merges=2000))


def _made(schema: Any, definition: dict[str, Any], depth: int, left: _Left, purse: Budget) -> Any:
    left.values -= 1
    whole = merged_schema(schema, definition, [], purse)
    if not isinstance(whole, dict):
        return None
    for given in ("example", "const", "default"):
        if given in whole:
            return whole[given]
    for several in ("examples", "enum"):
        if isinstance(whole.get(several), list) and whole[several]:
            return whole[several][0]
    for choice in ("oneOf", "anyOf"):
        options = [one for one in whole.get(choice) or [] if one != {"type": "null"}]
        if options and depth < DEEPEST:
            chosen = _made(options[0], definition, depth + 1, left, purse)
            if isinstance(chosen, dict) and "properties" in whole:
                return _object(whole, definition, depth, left, purse) | chosen
            return chosen
    return _by_type(whole, definition, depth, left, purse)


def _by_type(
    whole: dict[str, Any], definition: dict[str, Any], depth: int, left: _Left, purse: Budget
) -> Any:
    kinds = whole.get("type")
    kind = next((one for one in kinds if one != "null"), "null") if isinstance(kinds, list) else kinds
    if kind == "object" or (kind is None and "properties" in whole):
        return _object(whole, definition, depth, left, purse)
    if kind == "array" or (kind is None and "items" in whole):
        least = whole.get("minItems")
        count = max(least if isinstance(least, int) else 0, 0 if depth >= DEEPEST or left.values <= 0 else 1)
        one = _made(whole.get("items", {}), definition, depth + 1, left, purse) if count > 0 else None
        return [one] * min(count, 50)
    if kind in ("integer", "number"):
        return _number(whole, kind)
    if kind == "boolean":
        return True
    return _text(whole) if kind == "string" else None


def _object(
    whole: dict[str, Any], definition: dict[str, Any], depth: int, left: _Left, purse: Budget
) -> dict[str, Any]:
    properties = whole.get("properties") or {}
    required = [name for name in whole.get("required") or [] if isinstance(name, str)]
    found = {}
    for name in dict.fromkeys([*required, *properties]):
        if left.values <= 0 or (depth >= DEEPEST and name not in required) or depth > 2 * DEEPEST:
            continue
        found[name] = _made(properties.get(name, {}), definition, depth + 1, left, purse)
    return {name: found[name] for name in [*properties, *required] if name in found}


def _number(whole: dict[str, Any], kind: str) -> float | int:
    above, least, most = (whole.get(key) for key in ("exclusiveMinimum", "minimum", "maximum"))
    step = whole.get("multipleOf")
    value: float | int = 1
    if isinstance(above, (int, float)) and value <= above:
        value = above + 1
    if isinstance(least, (int, float)) and value < least:
        value = least
    if isinstance(most, (int, float)) and value > most:
        value = most
    if isinstance(step, (int, float)) and step > 0:
        value = step * max(1, -(-value // step)) if value > 0 else 0
    return int(value) if kind == "integer" else value


def _text(whole: dict[str, Any]) -> str:
    text = _TEXTS.get(str(whole.get("format", "")), "text")
    least, most = whole.get("minLength"), whole.get("maxLength")
    text = text.ljust(min(least, 1000), "x") if isinstance(least, int) else text
    return text[:most] if isinstance(most, int) else text
