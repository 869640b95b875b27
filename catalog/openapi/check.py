"""Whether a document may be published: its version, its depth, its references, its names."""

from __future__ import annotations

import re
from typing import Any

from catalog.errors import DocumentRefused
from catalog.openapi.closure import NAMES, PAYLOADS, parts
from catalog.openapi.read import DEEPEST, MOST_NODES

_scope = re.compile(r"[\x21\x23-\x5b\x5d-\x7e]{1,120}\Z").match  # RFC 6749, section 3.3
Trail = tuple[Any, ...]  # (trail above, key): a place, written out only when it is needed


def check(document: dict[str, Any]) -> None:
    """Raises DocumentRefused, with the place: what cannot be published, or could harm."""
    _version(document)
    info = document.get("info")
    if not isinstance(info, dict) or not isinstance(info.get("title"), str) or not info["title"].strip():
        raise DocumentRefused("The document has no title.", "/info/title")
    for name in ("paths", "components"):
        if not isinstance(document.get(name, {}), dict):
            raise DocumentRefused(f"“{name}” is not a mapping.", f"/{name}")
    if not document.get("paths"):
        raise DocumentRefused("The document has no paths: there is nothing to show.", "/paths")
    for name, parts_ in (document.get("components") or {}).items():
        if not isinstance(parts_, dict):
            raise DocumentRefused("Components are a mapping by name.", f"/components/{name}")
    if not isinstance(document.get("tags") or [], list):
        raise DocumentRefused("Tags are a list.", "/tags")
    _walk(document)
    _scopes(document)


def _version(document: dict[str, Any]) -> None:
    if "swagger" in document:
        raise DocumentRefused(
            "This is Swagger 2.0. Convert it to OpenAPI 3 first (for instance with "
            "“npx swagger2openapi document.json”), then publish the result.",
            "/swagger",
        )
    if not re.match(r"3\.[01](\.|$)", str(document.get("openapi", ""))):
        raise DocumentRefused("Only OpenAPI 3.0 and 3.1 documents can be published.", "/openapi")


def place(trail: Trail) -> str:
    """A trail as a JSON pointer."""
    keys: list[str] = []
    while trail:
        trail, key = trail
        keys.append(str(key)[:120].replace("~", "~0").replace("/", "~1"))
    return "/" + "/".join(reversed(keys))


def _walk(document: dict[str, Any]) -> None:
    """Every node once: how deep, how many, and where references lead."""
    nodes = 0
    known: set[str] = set()
    waiting: list[tuple[Any, int, int, Trail]] = [(document, 1, _SCHEMA, ())]
    while waiting:
        node, depth, kind, trail = waiting.pop()
        nodes += 1
        if depth > DEEPEST:
            raise DocumentRefused(f"The document is nested more than {DEEPEST} levels deep.", place(trail))
        if nodes > MOST_NODES:
            raise DocumentRefused(f"The document has more than {MOST_NODES:,} parts.", place(trail))
        if isinstance(node, list):
            waiting.extend(
                (child, depth + 1, kind, (trail, number))
                for number, child in enumerate(node)
                if isinstance(child, (dict, list))
            )
        elif isinstance(node, dict):
            if kind == _SCHEMA and "$ref" in node:
                _reference(document, node["$ref"], trail, known)
            waiting.extend(
                (child, depth + 1, _kind(key, child, kind), (trail, key))
                for key, child in node.items()
                if isinstance(child, (dict, list))
            )


_SCHEMA, _NAMES, _PAYLOAD = range(3)  # keys mean something; keys are free names; nothing means anything


def _kind(key: str, child: Any, above: int) -> int:
    if above == _PAYLOAD:
        return _PAYLOAD
    if above == _NAMES:
        return _SCHEMA
    if key in PAYLOADS or key.startswith("x-") or (key == "examples" and isinstance(child, list)):
        return _PAYLOAD
    return _NAMES if key in NAMES and isinstance(child, dict) else _SCHEMA


def _reference(document: dict[str, Any], reference: Any, trail: Trail, known: set[str]) -> None:
    if not isinstance(reference, str) or not reference.startswith("#/"):
        raise DocumentRefused(
            f"The reference “{str(reference)[:200]}” leads outside. References may only point into the "
            "document (#/…); nothing outside is fetched. Bundle the document into one file first.",
            place(trail),
        )
    chain = 0
    while isinstance(reference, str) and reference not in known:
        known.add(reference)
        target = _target(document, reference, trail)
        reference = target.get("$ref") if isinstance(target, dict) else None
        chain += 1
        if chain > 16:
            raise DocumentRefused("This reference leads on and on.", place(trail))
    if chain and isinstance(reference, str):
        _circle(document, reference, trail)


def _circle(document: dict[str, Any], reference: str, trail: Trail) -> None:
    """References that lead only to references must end somewhere."""
    seen: set[str] = set()
    node: Any = {"$ref": reference}
    while isinstance(node, dict) and isinstance(node.get("$ref"), str):
        if node["$ref"] in seen:
            raise DocumentRefused("References lead in a circle.", place(trail))
        seen.add(node["$ref"])
        node = _target(document, node["$ref"], trail)


def _target(document: dict[str, Any], reference: str, trail: Trail) -> Any:
    node: Any = document
    try:
        for part in parts(reference):
            node = node[int(part)] if isinstance(node, list) else node[part]
    except (KeyError, IndexError, ValueError, TypeError):
        raise DocumentRefused(f"The reference “{reference[:200]}” leads nowhere.", place(trail)) from None
    return node


def _scopes(document: dict[str, Any]) -> None:
    schemes = (document.get("components") or {}).get("securitySchemes") or {}
    for name, scheme in schemes.items():
        flows = scheme.get("flows") if isinstance(scheme, dict) else None
        if flows is not None and not isinstance(flows, dict):
            raise DocumentRefused("Flows are a mapping.", f"/components/securitySchemes/{name}/flows")
        for kind, flow in (flows or {}).items():
            here = f"/components/securitySchemes/{name}/flows/{kind}"
            scopes = (flow.get("scopes") or {}) if isinstance(flow, dict) else None
            if not isinstance(scopes, dict):
                raise DocumentRefused("A flow is a mapping with scopes.", here)
            for scope in scopes:
                if not _scope(scope):
                    raise DocumentRefused(
                        f"“{scope[:80]}” cannot be a scope: at most 120 letters, digits, signs; no blanks.",
                        f"{here}/scopes",
                    )
