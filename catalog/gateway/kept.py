"""What a process keeps compiled: the operations called last, up to a size; no document fills its memory."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from typing import Protocol

MOST = 4 * 1024 * 1024  # bytes of JSON; compiled, they take some twenty times as much


class Droppable(Hashable, Protocol):
    def drop(self) -> None:
        """Lets go of what can be made again."""


_sizes: OrderedDict[Droppable, int] = OrderedDict()  # the one called last comes last


def keep(operation: Droppable, size: int) -> None:
    """`size` bytes of JSON have been compiled for it. The one just taken in always stays."""
    _sizes[operation] = size
    _sizes.move_to_end(operation)
    total = sum(_sizes.values())
    while total > MOST and len(_sizes) > 1:
        oldest, freed = _sizes.popitem(last=False)
        oldest.drop()
        total -= freed


def touch(operation: Droppable) -> None:
    if operation in _sizes:
        _sizes.move_to_end(operation)


def forget() -> None:
    _sizes.clear()
