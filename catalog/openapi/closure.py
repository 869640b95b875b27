"""References: only `#/…`, followed lazily; a cycle stays a reference."""

from __future__ import annotations

from collections import deque
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


def references(node: Any) -> list[str]:
    """Every reference inside a node, itself included; payloads hold none."""
    found: dict[str, None] = {}
    waiting: list[tuple[Any, bool]] = [(node, False)]
    while waiting:
        node, has_names = waiting.pop()
        if isinstance(node, list):
            waiting.extend((child, False) for child in node if isinstance(child, (dict, list)))
        elif isinstance(node, dict):
            reference = None if has_names else node.get("$ref")
            if isinstance(reference, str):
                found[reference] = None
            for key, child in node.items():
                if not isinstance(child, (dict, list)):
                    continue
                if has_names or not (key in PAYLOADS or str(key).startswith("x-")):
                    waiting.append((child, not has_names and key in NAMES and isinstance(child, dict)))
    return list(found)


class Closures:
    """Cuts parts out of one document; what each reference leads on to is looked up once."""

    def __init__(self, document: dict[str, Any]) -> None:
        self.document = document
        self._onward: dict[str, list[str]] = {}

    def of(self, name: str, node: Any, *, most: int | None = None) -> dict[str, Any]:
        """{name: node, "components": …}: every component it reaches, under the same addresses.

        Past `most` references the nearest ones are there, and stubs for what those lead to.
        """
        result: dict[str, Any] = {name: node, "components": _Partial()}
        waiting = deque(references(node))
        seen = set(waiting)
        placed = 0
        while waiting:
            reference = waiting.popleft()
            placed += 1
            if most is not None and placed > most:
                _place(result, parts(reference), {"description": "Look at it on its own page."})
                continue
            _place(result, parts(reference), pointer(self.document, reference))
            for further in self._of(reference):
                if further not in seen:
                    seen.add(further)
                    waiting.append(further)
        return result

    def _of(self, reference: str) -> list[str]:
        found = self._onward.get(reference)
        if found is None:
            found = self._onward[reference] = references(pointer(self.document, reference))
        return found


def closure(document: dict[str, Any], operation: dict[str, Any]) -> dict[str, Any]:
    """The operation together with every component it reaches, under the same `#/components/…` addresses."""
    return Closures(document).of("operation", operation)


def _place(result: dict[str, Any], path: list[str], target: Any) -> None:
    node = result
    for part in path[:-1]:
        node = node.setdefault(part, _Partial())
        if not isinstance(node, _Partial):
            return  # held by something larger that is already there
    if isinstance(node.get(path[-1], _Partial()), _Partial):
        node[path[-1]] = target
