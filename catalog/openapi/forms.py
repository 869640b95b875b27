"""The example of a multipart form: its parts by name, and the text that goes over the wire."""

from __future__ import annotations

import mimetypes
from typing import Any

from catalog.openapi.closure import resolve
from catalog.openapi.languages import Part
from catalog.openapi.written import written

PARTS = "multipart/form-data"
BOUNDARY = "example-boundary"
Described = tuple[Part, str, str]  # the part, its content, its media type where it is a file


def form(value: dict[str, Any], media: dict[str, Any], definition: dict[str, Any]) -> tuple[list[Part], str]:
    properties = (resolve(definition, media.get("schema")) or {}).get("properties") or {}
    found: list[Described] = []
    for name, given in value.items():
        schema = resolve(definition, properties.get(name)) or {}
        kind = _media_type(schema, (media.get("encoding") or {}).get(name) or {}, definition)
        for one in given if isinstance(given, list) else [given]:
            text = one if isinstance(one, str) else written(one, "application/json")
            shown = f"{name}{mimetypes.guess_extension(kind) or ''}" if kind else text
            found.append((Part(str(name), shown, bool(kind)), text, kind))
    return [part for part, _, _ in found], _text(found)


def is_file(schema: Any) -> bool:
    """JSON is a text that people write into a field."""
    if not isinstance(schema, dict):
        return False
    return schema.get("format") == "binary" or "json" not in str(schema.get("contentMediaType", "json"))


def _media_type(schema: dict[str, Any], encoding: dict[str, Any], definition: dict[str, Any]) -> str:
    """Of a file the first type that is taken; nothing for a plain field."""
    items = resolve(definition, schema.get("items")) if schema.get("type") == "array" else None
    one = items if isinstance(items, dict) else schema
    if not is_file(one):
        return ""
    named = encoding.get("contentType") or one.get("contentMediaType") or "application/octet-stream"
    return str(named).split(",")[0].strip()


def _text(found: list[Described]) -> str:
    lines = []
    for part, content, kind in found:
        file = f'; filename="{part.value}"\r\nContent-Type: {kind}' if part.is_file else ""
        head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{part.name}"{file}'
        lines.append(f"{head}\r\n\r\n{content}\r\n")
    return "".join([*lines, f"--{BOUNDARY}--\r\n"])
