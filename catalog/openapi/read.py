"""Bytes in, a plain document out: JSON or YAML, bounded before anything is built from it."""

from __future__ import annotations

import gc
import re
from typing import Any

import orjson
import yaml

from catalog.errors import DocumentRefused

LARGEST = 16 * 1024 * 1024  # bytes
DEEPEST = 64  # nested collections
MOST_ALIASES = 200
MOST_NODES = 1_500_000


def read(source: bytes) -> dict[str, Any]:
    """Raises DocumentRefused: too large, too deep, too many aliases, not JSON or YAML, not a mapping."""
    if len(source) > LARGEST:
        raise DocumentRefused(f"The document has {len(source):,} bytes; at most {LARGEST:,} are taken.")
    document = _json(source) if source.lstrip()[:1] == b"{" else _yaml(source)
    if not isinstance(document, dict):
        raise DocumentRefused("An OpenAPI document is a mapping; this one is not.")
    return document


def _json(source: bytes) -> Any:
    try:
        return orjson.loads(source)
    except orjson.JSONDecodeError as error:
        raise DocumentRefused(error.msg, f"line {error.lineno}, column {error.colno}") from None


class _Loader(yaml.CSafeLoader):
    """YAML 1.2's idea of scalars: no dates, no yes/no booleans, no base 60; duplicate keys refused."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen = set()
        for key, _ in node.value:
            if key.value in seen:
                raise DocumentRefused(f"“{key.value}” stands twice", f"line {key.start_mark.line + 1}")
            seen.add(key.value)
        return super().construct_mapping(node, deep=deep)


_DROPPED = {"tag:yaml.org,2002:timestamp", "tag:yaml.org,2002:bool", "tag:yaml.org,2002:merge"}
_Loader.yaml_implicit_resolvers = {
    first: [(tag, regexp) for tag, regexp in pairs if tag not in _DROPPED]
    for first, pairs in yaml.CSafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:bool", re.compile(r"^(?:true|True|TRUE|false|False|FALSE)$"), list("tTfF")
)


def _yaml(source: bytes) -> Any:
    try:
        _guard(source)
        # The collector would walk millions of new nodes again and again: 15 s become 6 s on 11 MB.
        gc.disable()
        try:
            return yaml.load(source, Loader=_Loader)  # noqa: S506 - a CSafeLoader
        finally:
            gc.enable()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f"line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        raise DocumentRefused(error.problem or "not YAML", where) from None
    except (yaml.YAMLError, ValueError, TypeError, RecursionError) as error:
        raise DocumentRefused(f"The document is neither JSON nor YAML ({type(error).__name__}).") from None


def _guard(source: bytes) -> None:
    """Counts over the event stream: the C loader crashes the process on 30,000 nested brackets."""
    depth = aliases = 0
    for nodes, event in enumerate(yaml.parse(source, Loader=yaml.CSafeLoader)):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        elif isinstance(event, yaml.AliasEvent):
            aliases += 1
        if depth > DEEPEST or aliases > MOST_ALIASES or nodes > MOST_NODES:
            what = "nested too deeply" if depth > DEEPEST else "made of too many aliases or nodes"
            line = event.start_mark.line + 1 if event.start_mark else 1
            raise DocumentRefused(f"The document is {what}.", f"line {line}")
