"""Bytes in, a plain document out: JSON or YAML, bounded before anything is built from it."""

from __future__ import annotations

import gc
import re
from typing import Any

import orjson
import yaml

from catalog.errors import DocumentRefused

LARGEST = 16 * 1024 * 1024  # bytes, unless the operator allows more
DEEPEST = 64  # nested collections
MOST_ALIASES = 200
MOST_NODES = 1_500_000  # aliases counted as what they stand for


def read(source: bytes, *, largest: int = LARGEST) -> dict[str, Any]:
    """A document of nothing but JSON values, its keys text.

    Raises DocumentRefused: too large, too deep, too many aliases, not JSON or YAML, not a mapping.
    """
    if len(source) > largest:
        raise DocumentRefused(f"The document has {len(source):,} bytes; at most {largest:,} are taken.")
    source = source.removeprefix(b"\xef\xbb\xbf")
    document = _json(source) if source.lstrip()[:1] == b"{" else _plain(_yaml(source))
    if not isinstance(document, dict):
        raise DocumentRefused("An OpenAPI document is a mapping; this one is not.")
    return document


def _json(source: bytes) -> Any:
    try:
        return orjson.loads(source)
    except orjson.JSONDecodeError as error:
        # A flow mapping of YAML begins with the same brace.
        if not error.msg.startswith("Recursion") and len(source) < 65_536:
            try:
                return _plain(_yaml(source))
            except DocumentRefused:
                pass
        raise DocumentRefused(
            f"This is not JSON: {error.msg}.", f"line {error.lineno}, column {error.colno}"
        ) from None


def _plain(value: Any) -> Any:
    """YAML's values as JSON has them: 200 becomes "200" where it is a key."""
    try:
        return orjson.loads(orjson.dumps(value, option=orjson.OPT_NON_STR_KEYS))
    except (TypeError, ValueError) as error:
        raise DocumentRefused(f"The document holds what JSON cannot say: {error}.") from None


class _Loader(yaml.CSafeLoader):
    """YAML 1.2's idea of scalars: no dates, no yes/no booleans, no base 60; duplicate keys refused."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen = set()
        for key, _ in node.value:
            place = f"line {key.start_mark.line + 1}"
            if not isinstance(key, yaml.ScalarNode):
                raise DocumentRefused("A key is a word, not a list or a mapping.", place)
            if key.value in seen:
                raise DocumentRefused(f"“{key.value[:80]}” stands twice", place)
            seen.add(key.value)
        return super().construct_mapping(node, deep=deep)


_DROPPED = {"timestamp", "bool", "merge", "int", "float"}
_Loader.yaml_implicit_resolvers = {
    first: [(tag, regexp) for tag, regexp in pairs if tag.rpartition(":")[2] not in _DROPPED]
    for first, pairs in yaml.CSafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:bool", re.compile(r"^(?:true|True|TRUE|false|False|FALSE)$"), list("tTfF")
)
_Loader.add_implicit_resolver("tag:yaml.org,2002:int", re.compile(r"^[-+]?[0-9]+$"), list("-+0123456789"))
_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:float",
    re.compile(r"^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$"),
    list("-+.0123456789"),
)


def _integer(loader: _Loader, node: yaml.ScalarNode) -> int:
    return int(loader.construct_scalar(node))  # base ten: 010 is ten, as YAML 1.2 says


_Loader.add_constructor("tag:yaml.org,2002:int", _integer)


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
        raise DocumentRefused(f"This is not YAML: {error.problem or 'unreadable'}.", where) from None
    except (yaml.YAMLError, ValueError, TypeError, RecursionError) as error:
        raise DocumentRefused(f"The document is neither JSON nor YAML ({type(error).__name__}).") from None


def _guard(source: bytes) -> None:
    """Counts over the event stream: the C loader crashes the process on 30,000 nested brackets."""
    sizes = [0]  # nodes of each open collection, and of the whole
    names: list[str | None] = []  # the anchors of the open collections
    anchors: dict[str, int] = {}
    aliases = 0
    for event in yaml.parse(source, Loader=yaml.CSafeLoader):
        if isinstance(event, yaml.CollectionStartEvent):
            sizes.append(1)
            names.append(event.anchor)
        elif isinstance(event, yaml.CollectionEndEvent):
            size, name = sizes.pop(), names.pop()
            sizes[-1] += size
            if name:
                anchors[name] = size
        elif isinstance(event, yaml.AliasEvent):
            aliases += 1
            sizes[-1] += anchors.get(event.anchor or "", 1)
            if event.anchor in names:
                _refuse(event, "made of an alias that holds itself")
        else:
            sizes[-1] += 1
        if len(sizes) > DEEPEST:
            _refuse(event, f"nested more than {DEEPEST} levels deep")
        if aliases > MOST_ALIASES or sizes[-1] > MOST_NODES:
            _refuse(event, "made of too many aliases or nodes")


def _refuse(event: yaml.Event, what: str) -> None:
    raise DocumentRefused(
        f"The document is {what}.", f"line {event.start_mark.line + 1}" if event.start_mark else ""
    )
