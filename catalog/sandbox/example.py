"""The documented example as an answer, or one made from the schema where the document gives none."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import orjson

from catalog.openapi.closure import resolve
from catalog.sandbox.call import Call
from portal.wire import Reply

DEEPEST = 6  # levels of a made-up value


def example_program(definition: dict[str, Any]) -> Callable[[Call], Reply]:
    """Answers every call with the first 2xx response of the document."""
    responses = definition["operation"].get("responses") or {}
    status = min((code for code in map(str, responses) if code[0] == "2"), default="200")
    found = example_reply(definition, status)

    def run(call: Call) -> Reply:
        return Reply(found.status, found.body, found.headers.copy())

    return run


def example_reply(definition: dict[str, Any], status: str, name: str | None = None) -> Reply:
    """The answer that the document shows for a status, by example name if asked."""
    responses = definition["operation"].get("responses") or {}
    response = resolve(definition, responses.get(status)) or {}
    code = int(status) if status.isdigit() else int(status[0]) * 100
    for media_type, media in (response.get("content") or {}).items():
        value = media_example(media, definition, name)
        body = orjson.dumps(value) if "json" in media_type or not isinstance(value, str) else value.encode()
        return Reply(code, body, [("Content-Type", media_type)])
    return Reply(204 if code == 200 and not response.get("content") else code)


def media_example(media: dict[str, Any], definition: dict[str, Any], name: str | None = None) -> Any:
    """The media type's example: the named one, else the first, else its schema's, else a made one."""
    examples: dict[str, Any] = media.get("examples") or {}
    chosen = examples[name] if name in examples else next(iter(examples.values()), None)
    if chosen is not None:
        return (resolve(definition, chosen) or {}).get("value")
    if "example" in media:
        return media["example"]
    return made(media.get("schema", {}), definition)


def made(schema: Any, definition: dict[str, Any], depth: int = 0) -> Any:
    """The smallest believable value of a schema: its example, default, first enum, or by type."""
    shape = resolve(definition, schema)
    if not isinstance(shape, dict):
        return None
    for given in ("example", "default", "const"):
        if given in shape:
            return shape[given]
    for several in ("examples", "enum"):
        if isinstance(shape.get(several), list) and shape[several]:
            return shape[several][0]
    for choice in ("oneOf", "anyOf"):
        if shape.get(choice):
            return made(shape[choice][0], definition, depth)
    if "allOf" in shape:
        parts = [made(part, definition, depth) for part in shape["allOf"]]
        merged = {key: value for part in parts if isinstance(part, dict) for key, value in part.items()}
        return merged or (parts[0] if parts else None)
    return _by_type(shape, definition, depth)


def _by_type(shape: dict[str, Any], definition: dict[str, Any], depth: int) -> Any:
    kind = shape.get("type")
    kind = kind[0] if isinstance(kind, list) and kind else kind
    if kind == "object" or "properties" in shape:
        required = shape.get("required") or []
        properties = shape.get("properties") or {}
        names = required if depth >= DEEPEST else properties
        return {name: made(properties.get(name, {}), definition, depth + 1) for name in names}
    if kind == "array":
        count = max(shape.get("minItems", 0), 0 if depth >= DEEPEST else 1)
        return [made(shape.get("items", {}), definition, depth + 1)] * count
    if kind in ("integer", "number"):
        return shape.get("minimum", 0)
    if kind == "boolean":
        return True
    return _text(shape) if kind == "string" else None


def _text(shape: dict[str, Any]) -> str:
    known = {
        "date": "2026-01-15",
        "date-time": "2026-01-15T09:30:00Z",
        "time": "09:30:00Z",
        "uuid": "3f2a9c1e-7b64-4d0f-9a51-2c8e6d7b9f10",
        "email": "ana.ruiz@example.com",
        "uri": "https://example.com/",
        "ipv4": "192.0.2.1",
        "binary": "",
    }
    text = known.get(shape.get("format", ""), "text")
    return text.ljust(shape.get("minLength", 0), "x")[: shape.get("maxLength", 1000)]
