"""An OpenAPI document, checked and taken apart into operations that stand on their own."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from catalog.errors import DocumentRefused
from catalog.openapi.closure import closure, resolve

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


def check(document: dict[str, Any]) -> None:
    """Raises DocumentRefused unless this is OpenAPI 3.0 or 3.1 with a title and paths."""
    if "swagger" in document:
        raise DocumentRefused(
            "This is Swagger 2.0. Convert it to OpenAPI 3 (for instance with swagger2openapi)."
        )
    if not str(document.get("openapi", "")).startswith(("3.0", "3.1")):
        raise DocumentRefused("Only OpenAPI 3.0 and 3.1 documents can be published.", "/openapi")
    info = document.get("info")
    if not isinstance(info, dict) or not isinstance(info.get("title"), str):
        raise DocumentRefused("The document has no title.", "/info/title")
    if not isinstance(document.get("paths"), dict):
        raise DocumentRefused("The document has no paths.", "/paths")


def frame(document: dict[str, Any]) -> dict[str, Any]:
    """The document without its bulk: info, servers, tags, security schemes, extensions."""
    kept = {key: value for key, value in document.items() if key in FRAME or key.startswith("x-")}
    schemes = (document.get("components") or {}).get("securitySchemes")
    return kept | {"securitySchemes": schemes or {}}


def operations(document: dict[str, Any]) -> Iterator[OperationSource]:
    """In the document's order. Raises DocumentRefused for a broken operation, naming its place."""
    seen: set[str] = set()
    for path, item in document["paths"].items():
        if not path.startswith("/"):
            raise DocumentRefused("A path begins with a slash.", f"/paths/{path}")
        item = resolve(document, item)
        if not isinstance(item, dict):
            raise DocumentRefused("A path holds operations by method.", f"/paths/{path}")
        for method in METHODS:
            if method in item:
                found = _operation(document, path, method, item)
                if found.operation_id in seen:
                    raise DocumentRefused(
                        f"“{found.operation_id}” names two operations.", f"/paths/{path}/{method}"
                    )
                seen.add(found.operation_id)
                yield found


def _operation(document: dict[str, Any], path: str, method: str, item: dict[str, Any]) -> OperationSource:
    place = f"/paths/{path.replace('/', '~1')}/{method}"
    raw = item[method]
    if not isinstance(raw, dict) or not isinstance(raw.get("responses", {}), dict):
        raise DocumentRefused("An operation is a mapping with responses.", place)
    operation = dict(raw)
    operation["parameters"] = _parameters(document, item, raw, place)
    operation.setdefault("security", document.get("security", []))
    definition = closure(document, operation)
    tags = raw.get("tags") or ["Operations"]
    return OperationSource(
        operation_id=_identifier(str(raw.get("operationId") or f"{method}{path}")),
        method=method.upper(),
        path=path,
        group=str(tags[0]),
        summary=str(raw.get("summary") or f"{method.upper()} {path}"),
        deprecated=raw.get("deprecated") is True,
        definition=definition,
    )


def _identifier(name: str) -> str:
    """The operation's part of an address: letters, digits, dots, dashes and underscores."""
    return re.sub(r"[^A-Za-z0-9._-]+", "-", name).strip("-.")[:200] or "operation"


def _parameters(
    document: dict[str, Any], item: dict[str, Any], operation: dict[str, Any], place: str
) -> list[dict[str, Any]]:
    """The path's parameters and the operation's own, which win."""
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for entry in [*(item.get("parameters") or []), *(operation.get("parameters") or [])]:
        parameter = resolve(document, entry)
        if not isinstance(parameter, dict) or not {"name", "in"} <= parameter.keys():
            raise DocumentRefused("A parameter has a name and a place (in).", place)
        found[str(parameter["in"]), str(parameter["name"])] = parameter
    return list(found.values())
