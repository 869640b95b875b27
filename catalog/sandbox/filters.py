"""The `filters` of a declaration, compiled to one test per filter.

`from` says where the asked value stands (body.…, query.…, path.…, header.…); absent means not asked. `value`
stands there for what every call asks. `field` is dotted, and through a list means any element of it. A `test`
is a function of the API's handlers.py: (row, value, call) → bool; a `choose` prepares once what is asked of
every row: (value, call) → (row) → bool. They may look at the row, the value, the state and the day, and at
nothing else of the call, because the rows it chose are remembered while the data stand.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from catalog.errors import CatalogError
from catalog.sandbox.call import Call, Row, at

Test = Callable[[Row], bool]


def asked(call: Call, path: Sequence[str]) -> Any:
    """The value of a request at a path such as ["body", "selector", "ids"]."""
    place, rest = path[0], path[1:]
    if place == "body":
        return at(call.body, rest)
    source = {"query": call.query, "path": call.path, "header": call.headers}[place]
    return source.get(".".join(rest))


def values(row: Any, path: Sequence[str]) -> Iterator[Any]:
    """Every value at a dotted path, through lists."""
    if isinstance(row, list):
        for element in row:
            yield from values(element, path)
    elif not path:
        yield row
    elif isinstance(row, dict) and path[0] in row:
        yield from values(row[path[0]], path[1:])


def folded(value: Any) -> str:
    """Texts are compared without regard to case."""
    return str(value).casefold()


def _comparable(compare: Callable[[Any, Any], bool]) -> Callable[[Any, Any], bool]:
    def safe(value: Any, wanted: Any) -> bool:
        return value is not None and type(value) is type(wanted) and compare(value, wanted)

    return safe


OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "eq": operator.eq,
    "ne": operator.ne,
    "same": lambda value, wanted: value is not None and folded(value) == folded(wanted),
    "or": lambda value, wanted: bool(value or wanted),  # true there, or asked for: includeInactive
    "in": lambda value, wanted: value in wanted,
    "any": lambda value, wanted: value in wanted,
    "contains": lambda value, wanted: folded(wanted) in folded(value),
    "starts": lambda value, wanted: folded(value).startswith(folded(wanted)),
    "gte": _comparable(operator.ge),
    "lte": _comparable(operator.le),
}


@dataclass(frozen=True, slots=True)
class Filters:
    """The filters of one declaration. What is `asked` decides their outcome, beside the rows and the day."""

    made: list[Callable[[Any, Call], Test]]
    sources: list[list[str] | None]  # None: a value of the declaration's own
    fixed: list[Any]
    key: int | None  # which of them, if any, asks for rows by their key

    def asked(self, call: Call) -> list[Any]:
        pairs = zip(self.sources, self.fixed, strict=True)
        return [value if source is None else asked(call, source) for source, value in pairs]

    def tests(self, values: Sequence[Any], call: Call) -> list[Test]:
        return [make(value, call) for make, value in zip(self.made, values, strict=True) if value is not None]


def compile_filters(declared: Sequence[Mapping[str, Any]], handlers: ModuleType | None, key: str) -> Filters:
    """`key` is the property that identifies a row. Raises CatalogError for an unknown op or test."""
    by_key = [
        number
        for number, one in enumerate(declared)
        if one.get("field") == key and one.get("op", "eq") in ("eq", "in")
    ]
    return Filters(
        made=[_compile(one, handlers) for one in declared],
        sources=[None if "value" in one else str(one["from"]).split(".") for one in declared],
        fixed=[one.get("value") for one in declared],
        key=by_key[0] if by_key else None,
    )


def _compile(one: Mapping[str, Any], handlers: ModuleType | None) -> Callable[[Any, Call], Test]:
    name = one.get("test") or one.get("choose")
    if name:
        function: Any = getattr(handlers, name, None)
        if function is None:
            raise CatalogError(f"x-sandbox names “{name}”, which handlers.py does not have.")
        if "choose" in one:
            return lambda value, call: function(value, call)
        return lambda value, call: lambda row: function(row, value, call)
    compare = OPERATORS.get(one.get("op", "eq"))
    if compare is None:
        raise CatalogError(f"x-sandbox names the operator “{one['op']}”; known are {', '.join(OPERATORS)}.")
    path = str(one["field"]).split(".")

    def declared(value: Any, call: Call) -> Test:
        wanted = frozenset(value) if isinstance(value, list) else value
        if len(path) == 1:
            name = path[0]
            return lambda row: any(compare(each, wanted) for each in _plain(row.get(name)))
        return lambda row: any(compare(each, wanted) for each in values(row, path))

    return declared


def _plain(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list) else (value,)
