"""How parts of a document are stored: JSON, compressed."""

from __future__ import annotations

import zlib
from typing import Any

import orjson


def pack(value: Any) -> bytes:
    return zlib.compress(orjson.dumps(value), 6)


def unpack(stored: bytes | memoryview) -> Any:
    return unpack_sized(stored)[0]


def unpack_sized(stored: bytes | memoryview) -> tuple[Any, int]:
    """The value, and its bytes as JSON."""
    text = zlib.decompress(stored)
    return orjson.loads(text), len(text)
