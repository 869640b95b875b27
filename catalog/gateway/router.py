"""From a path to the operations that stand there; built once per published version."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Generic, TypeVar

Target = TypeVar("Target")


@dataclass(slots=True)
class _Node(Generic[Target]):
    literals: dict[str, _Node[Target]] = field(default_factory=dict)
    # Segments with a parameter, as written: {id}, {id}.csv, {from}-{to}; plain ones come last.
    patterns: list[tuple[re.Pattern[str], _Node[Target]]] = field(default_factory=list)
    methods: dict[str, tuple[Target, list[str]]] = field(default_factory=dict)


class Router(Generic[Target]):
    """Literal segments win over parameters, as OpenAPI asks."""

    def __init__(self) -> None:
        self._root: _Node[Target] = _Node()

    def add(self, method: str, template: str, target: Target) -> None:
        node, names = self._root, []
        for segment in template.strip("/").split("/"):
            if "{" not in segment:
                node = node.literals.setdefault(segment, _Node())
                continue
            found = re.findall(r"\{([^}]*)\}", segment)
            names += found
            node = _pattern_node(node, segment)
        node.methods[method] = (target, names)

    def match(self, path: str) -> tuple[dict[str, tuple[Target, list[str]]], list[str]] | None:
        """The operations at a path by method, and its parameters' values in order; None: nothing here."""
        values: list[str] = []
        node = _walk(self._root, path.strip("/").split("/"), 0, values)
        return (node.methods, values) if node else None


def _pattern_node(node: _Node[Target], segment: str) -> _Node[Target]:
    pieces = re.split(r"\{[^}]*\}", segment)
    pattern = re.compile("([^/]+?)".join(re.escape(piece) for piece in pieces) + r"\Z")
    for known, child in node.patterns:
        if known.pattern == pattern.pattern:
            return child
    made: _Node[Target] = _Node()
    node.patterns.append((pattern, made))
    node.patterns.sort(key=lambda entry: -len(entry[0].pattern))
    return made


def _walk(node: _Node[Target], segments: list[str], depth: int, values: list[str]) -> _Node[Target] | None:
    if depth == len(segments):
        return node if node.methods else None
    segment = segments[depth]
    literal = node.literals.get(segment)
    if literal and (found := _walk(literal, segments, depth + 1, values)):
        return found
    for pattern, child in node.patterns:
        matched = pattern.match(segment)
        if matched:
            kept = len(values)
            values.extend(matched.groups())
            if found := _walk(child, segments, depth + 1, values):
                return found
            del values[kept:]
    return None
