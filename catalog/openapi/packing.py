"""How parts of a document are stored: JSON, compressed."""

from __future__ import annotations

import zlib
from typing import Any

import orjson


def pack(value: Any) -> bytes:
    return zlib.compress(orjson.dumps(value), 6)


def unpack(stored: bytes | memoryview) -> Any:
    return orjson.loads(zlib.decompress(stored))
