"""Schemas of OpenAPI 3.0 said in the words of 3.1, so that everything behind knows one dialect."""

from __future__ import annotations

from typing import Any

_ONE = ("items", "additionalProperties", "not", "if", "then", "else", "contains", "propertyNames")
_SEVERAL = ("allOf", "anyOf", "oneOf", "prefixItems")
_NAMED = ("properties", "patternProperties", "schemas", "$defs", "definitions", "dependentSchemas")


def normalise(document: dict[str, Any]) -> None:
    """In place. A document of 3.1 stays as it is."""
    if not str(document["openapi"]).startswith("3.0"):
        return
    waiting: list[Any] = [document.get("paths") or {}, document.get("components") or {}]
    seen: set[int] = set()
    while waiting:
        node = waiting.pop()
        if isinstance(node, list):
            waiting.extend(node)
        if not isinstance(node, dict) or id(node) in seen:
            continue
        seen.add(id(node))
        for key, child in node.items():
            if key in _NAMED and isinstance(child, dict):
                for schema in child.values():
                    _schema(schema, seen)
                continue
            if key == "schema":
                _schema(child, seen)
            elif isinstance(child, (dict, list)) and key not in ("example", "examples"):
                waiting.append(child)


def _schema(start: Any, seen: set[int]) -> None:
    waiting = [start]
    while waiting:
        schema = waiting.pop()
        if not isinstance(schema, dict) or id(schema) in seen:
            continue
        seen.add(id(schema))
        waiting += [schema[key] for key in _ONE if key in schema]
        for key in _SEVERAL:
            if isinstance(schema.get(key), list):
                waiting += schema[key]
        for key in _NAMED:
            if isinstance(schema.get(key), dict):
                waiting += schema[key].values()
        _say_anew(schema)


def _say_anew(schema: dict[str, Any]) -> None:
    if schema.pop("nullable", False) is True:
        if isinstance(schema.get("type"), str):
            schema["type"] = [schema["type"], "null"]
        if isinstance(schema.get("enum"), list) and None not in schema["enum"]:
            schema["enum"] = [*schema["enum"], None]
        for key in ("anyOf", "oneOf"):
            if isinstance(schema.get(key), list) and "type" not in schema:
                schema[key] = [*schema[key], {"type": "null"}]
        if isinstance(schema.get("allOf"), list) and "type" not in schema:
            schema["anyOf"] = [{"allOf": schema.pop("allOf")}, {"type": "null"}]
    for limit, exclusive in (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")):
        is_exclusive = schema.pop(exclusive) if isinstance(schema.get(exclusive), bool) else False
        if is_exclusive and limit in schema:
            schema[exclusive] = schema.pop(limit)
    if "example" in schema and "examples" not in schema:
        schema["examples"] = [schema.pop("example")]
