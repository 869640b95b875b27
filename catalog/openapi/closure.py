"""References: only `#/…`, followed lazily; a cycle stays a reference."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote

from catalog.errors import DocumentRefused


def resolve(document: dict[str, Any], node: Any) -> Any:
    """What a node stands for: itself, or the end of its chain of references."""
    hops = 0
    while isinstance(node, dict) and isinstance(node.get("$ref"), str):
        hops += 1
        if hops > 32:
            raise DocumentRefused("References lead in a circle.", node["$ref"])
        node = pointer(document, node["$ref"])
    return node


def pointer(document: dict[str, Any], reference: str) -> Any:
    """The node a reference names. Raises DocumentRefused: leads outside, or to nothing."""
    if not reference.startswith("#/"):
        raise DocumentRefused(
            "References may only point into the document (#/…); nothing outside is fetched.", reference
        )
    node: Any = document
    for part in parts(reference):
        try:
            node = node[int(part)] if isinstance(node, list) else node[part]
        except (KeyError, IndexError, ValueError, TypeError):
            raise DocumentRefused("The reference leads nowhere.", reference) from None
    return node


def parts(reference: str) -> list[str]:
    return [unquote(part).replace("~1", "/").replace("~0", "~") for part in reference[2:].split("/")]


# Keys whose value is a payload, in which "$ref" means nothing; and keys whose value is a map of names.
PAYLOADS = frozenset(["example", "default", "enum", "const", "value"])
NAMES = frozenset(
    """properties patternProperties dependentSchemas $defs definitions examples headers responses content
    schemas callbacks links encoding""".split()
)


class _Partial(dict[str, Any]):
    """A level made only to hold a part of a component; gives way to the whole one."""


def closure(document: dict[str, Any], operation: dict[str, Any]) -> dict[str, Any]:
    """The operation together with every component it reaches, under the same `#/components/…` addresses."""
    result: dict[str, Any] = {"operation": operation, "components": _Partial()}
    seen: set[str] = set()
    waiting: list[tuple[Any, bool]] = [(operation, False)]
    while waiting:
        node, has_names = waiting.pop()
        if isinstance(node, list):
            waiting.extend((child, False) for child in node)
        elif isinstance(node, dict):
            reference = None if has_names else node.get("$ref")
            if isinstance(reference, str) and reference not in seen:
                seen.add(reference)
                target = pointer(document, reference)
                _place(result, parts(reference), target)
                waiting.append((target, False))
            for key, child in node.items():
                if has_names or not (key in PAYLOADS or str(key).startswith("x-")):
                    waiting.append((child, not has_names and key in NAMES and isinstance(child, dict)))
    return result


def _place(result: dict[str, Any], path: list[str], target: Any) -> None:
    node = result
    for part in path[:-1]:
        node = node.setdefault(part, _Partial())
        if not isinstance(node, _Partial):
            return  # held by something larger that is already there
    if isinstance(node.get(path[-1], _Partial()), _Partial):
        node[path[-1]] = target
