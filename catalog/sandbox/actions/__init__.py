"""The actions a document can declare under `x-sandbox`. Each compiles a declaration to a program.

What all of them understand: `fields`, `omit` and `each` (rows.Shown) for the rows answered, `answer` for what
stands beside them. A property whose name begins with an underscore stays inside the sandbox.
"""

from __future__ import annotations

from collections.abc import Callable

from catalog.sandbox.actions.declared import Declared
from catalog.sandbox.actions.reading import get, search
from catalog.sandbox.actions.rows import Compiled
from catalog.sandbox.actions.sets import associate, dissociate, replace_set, show_set
from catalog.sandbox.actions.writing import create, delete, patch, replace

READING: dict[str, Callable[[Declared], Compiled]] = {
    "search": search,
    "list": search,
    "get": get,
    "set": show_set,
}
WRITING: dict[str, Callable[[Declared], Compiled]] = {
    "create": create,
    "replace": replace,
    "patch": patch,
    "delete": delete,
    "replaceSet": replace_set,
    "associate": associate,
    "dissociate": dissociate,
}
ACTIONS = READING | WRITING

__all__ = ["ACTIONS", "WRITING", "Declared"]
