"""An OpenAPI document, checked and taken apart into operations that stand on their own."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from catalog.errors import DocumentRefused
from catalog.openapi.closure import Closures, resolve

LONGEST_ADDRESS = 500
METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
FRAME = ("openapi", "info", "servers", "tags", "security", "externalDocs")


@dataclass(frozen=True, slots=True)
class OperationSource:
    """One operation of a document. `definition` is {"operation": …, "components": …}."""

    operation_id: str
    method: str
    path: str
    group: str
    summary: str
    deprecated: bool
    definition: dict[str, Any]


def frame(document: dict[str, Any]) -> dict[str, Any]:
    """The document without its bulk: info, servers, tags, security schemes, extensions."""
    kept = {key: value for key, value in document.items() if key in FRAME or key.startswith("x-")}
    schemes = (document.get("components") or {}).get("securitySchemes")
    return kept | {"securitySchemes": schemes or {}}


def published_scopes(outline: dict[str, Any]) -> dict[str, str]:
    """Scope to description, over all OAuth flows of a frame."""
    flows = [
        flow
        for scheme in outline["securitySchemes"].values()
        if isinstance(scheme, dict) and scheme.get("type") == "oauth2"
        for flow in (scheme.get("flows") or {}).values()
    ]
    return {name: str(text or "") for flow in flows for name, text in (flow.get("scopes") or {}).items()}


def groups(document: dict[str, Any], found: list[OperationSource]) -> list[dict[str, Any]]:
    """Name, description and number of operations of each group, in the order of the document's tags."""
    told = {
        one_line(tag.get("name")): str(tag.get("description") or "")[:5000]
        for tag in document.get("tags") or []
        if isinstance(tag, dict)
    }
    counts: dict[str, int] = {}
    for one in found:
        counts[one.group] = counts.get(one.group, 0) + 1
    order = [name for name in told if name in counts]
    order += [name for name in counts if name not in told]
    return [{"name": name, "description": told.get(name, ""), "count": counts[name]} for name in order]


def operations(document: dict[str, Any], closures: Closures | None = None) -> Iterator[OperationSource]:
    """In the document's order. Raises DocumentRefused for a broken operation, naming its place."""
    seen: set[str] = set()
    closures = closures or Closures(document)
    for path, item in document["paths"].items():
        if not path.startswith("/"):
            raise DocumentRefused("A path begins with a slash.", f"/paths/{path}")
        item = resolve(document, item)
        if not isinstance(item, dict):
            raise DocumentRefused("A path holds operations by method.", f"/paths/{path}")
        for method in METHODS:
            if method in item:
                yield _operation(closures, path, method, item, seen)


def _operation(
    closures: Closures, path: str, method: str, item: dict[str, Any], seen: set[str]
) -> OperationSource:
    place = f"/paths/{path.replace('~', '~0').replace('/', '~1')}/{method}"
    raw = item[method]
    if not isinstance(raw, dict) or not isinstance(raw.get("responses", {}), dict):
        raise DocumentRefused("An operation is a mapping with responses.", place)
    if len(path) > LONGEST_ADDRESS:
        raise DocumentRefused(f"A path has at most {LONGEST_ADDRESS} characters.", place)
    document = closures.document
    operation = {"responses": {}, **raw}
    operation["parameters"] = _parameters(document, item, raw, place)
    if "security" in document:  # where nothing is said, nothing is opened
        operation.setdefault("security", document["security"])
    tags = raw.get("tags")
    return OperationSource(
        operation_id=_identifier(raw.get("operationId"), f"{method}{path}", seen, place),
        method=method.upper(),
        path=path,
        group=one_line(tags[0] if isinstance(tags, list) and tags else "") or "Operations",
        summary=one_line(raw.get("summary")) or f"{method.upper()} {path}"[:500],
        deprecated=raw.get("deprecated") is True,
        definition=closures.of("operation", operation),
    )


def one_line(text: Any, most: int = 500) -> str:
    """As a title: one line of letters that every database takes."""
    shown = "".join(letter if letter.isprintable() else " " for letter in str(text or "")[: 4 * most])
    return " ".join(shown.split())[:most]


def _identifier(given: Any, otherwise: str, seen: set[str], place: str) -> str:
    """The operation's part of an address: letters, digits, dots, dashes and underscores; once only."""
    if given and f"={given}" in seen:
        raise DocumentRefused(f"“{str(given)[:200]}” names two operations.", place)
    seen.add(f"={given}")
    plain = re.sub(r"[^A-Za-z0-9._-]+", "-", str(given or otherwise)).strip("-.")[:150] or "operation"
    found, number = plain, 1
    while found in seen:
        number += 1
        found = f"{plain}-{number}"
    seen.add(found)
    return found


def _parameters(
    document: dict[str, Any], item: dict[str, Any], operation: dict[str, Any], place: str
) -> list[dict[str, Any]]:
    """The path's parameters and the operation's own, which win."""
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for entry in [*(item.get("parameters") or []), *(operation.get("parameters") or [])]:
        parameter = resolve(document, entry)
        if not isinstance(parameter, dict) or not {"name", "in"} <= parameter.keys():
            raise DocumentRefused("A parameter has a name and a place (in).", place)
        found[str(parameter["in"]), str(parameter["name"])] = {
            **parameter,
            "name": str(parameter["name"]),
            "in": str(parameter["in"]),
        }
    return list(found.values())
