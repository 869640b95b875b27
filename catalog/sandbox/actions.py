"""The actions a document can declare. Each compiles a declaration to a program: Call in, Reply out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import ModuleType
from typing import Any

import orjson

from catalog.sandbox.call import Call, Refused, Row
from catalog.sandbox.filters import Filters, asked, compile_filters
from catalog.sandbox.state import Collection, Draft, Snapshot
from portal.wire import Reply

JSON = [("Content-Type", "application/json")]
Compiled = Callable[[Call], Reply]


def search(declared: Mapping[str, Any], handlers: ModuleType | None, key: str) -> Compiled:
    """Rows that pass every filter, in order, one page of them, under the answer property `into`."""
    collection, into = str(declared["collection"]), str(declared["into"])
    filters = compile_filters(declared.get("filters", []), handlers, key)
    order = tuple(declared.get("sort", ()))
    page = _paging(declared.get("page"))
    name = orjson.dumps([declared.get("filters"), order])  # tells searches of one collection apart

    def run(call: Call) -> Reply:
        asked = filters.asked(call)
        found = call.state.collections.get(collection) if isinstance(call.state, Snapshot) else None
        question = (name, call.today, orjson.dumps(asked)) if found else None
        rows = found.found.get(question) if found and question else None
        if rows is None:
            rows = _matching(call, collection, filters, asked, order)
            if found and question:
                found.remember(question, rows)
        shown, facts = page(call, rows)
        return Reply(
            200, orjson.dumps({**facts, into: fragments(call.state, collection, shown)}), JSON.copy()
        )

    return run


def _matching(
    call: Call, collection: str, filters: Filters, asked: Sequence[Any], order: tuple[str, ...]
) -> Sequence[Row]:
    if filters.key is not None and asked[filters.key] is not None:
        wanted = asked[filters.key]
        keys = dict.fromkeys(map(str, wanted if isinstance(wanted, list) else [wanted]))
        some = [row for one in keys if (row := call.state.get(collection, one)) is not None]
        rows: Sequence[Row] = sorted(some, key=lambda row: _sort_key(row, order))
    else:
        rows = _ordered(call.state, collection, order)
    for test in filters.tests(asked, call):
        rows = list(filter(test, rows))
    return rows


def get(declared: Mapping[str, Any], handlers: ModuleType | None, key: str) -> Compiled:
    """One row by the key at `key` (such as path.id); 404 in the API's error shape."""
    collection, source = str(declared["collection"]), str(declared["key"]).split(".")

    def run(call: Call) -> Reply:
        wanted = str(asked(call, source))
        row = call.state.get(collection, wanted)
        if row is None:
            raise Refused(404, "notFound", f"There is no such entry in {collection}.", ".".join(source))
        return Reply(200, orjson.dumps(row), JSON.copy())

    return run


ACTIONS = {"search": search, "list": search, "get": get}


def fragments(state: Any, collection: str, rows: Sequence[Row]) -> list[Any]:
    """The rows ready for the answer; in an unchanging snapshot each row is encoded once."""
    found = state.collections.get(collection) if isinstance(state, Snapshot) else None
    if found is None:
        return list(rows)
    kept, key = found.fragments, state.keys[collection]
    result = []
    for row in rows:
        name = row[key]
        fragment = kept.get(name)
        if fragment is None:
            fragment = kept[name] = orjson.Fragment(orjson.dumps(row))
        result.append(fragment)
    return result


def _ordered(state: Snapshot | Draft | Any, collection: str, order: tuple[str, ...]) -> Sequence[Row]:
    found: Collection | None = state.collections.get(collection) if isinstance(state, Snapshot) else None
    if found is None:
        return sorted(state.all(collection), key=lambda row: _sort_key(row, order))
    rows = found.sorted.get(order)
    if rows is None:
        rows = found.sorted[order] = sorted(found.rows.values(), key=lambda row: _sort_key(row, order))
    return rows


def _sort_key(row: Row, order: tuple[str, ...]) -> list[tuple[bool, Any]]:
    """Missing values last; texts without regard to case."""
    found = (row.get(name) for name in order)
    return [(value is None, value.casefold() if isinstance(value, str) else value or 0) for value in found]


def _paging(declared: Mapping[str, Any] | None) -> Callable[[Call, Sequence[Row]], tuple[Sequence[Row], Row]]:
    if declared is None:
        return lambda call, rows: (rows, {})
    start_at, size_at = str(declared["start"]).split("."), str(declared["size"]).split(".")
    default, most = int(declared.get("default", 100)), int(declared.get("most", 1000))
    total, echo = declared.get("total"), declared.get("echo", False)

    def page(call: Call, rows: Sequence[Row]) -> tuple[Sequence[Row], Row]:
        start = asked(call, start_at) or 0
        size = min(asked(call, size_at) or default, most)
        facts: Row = {total: len(rows)} if total else {}
        if echo:
            facts |= {start_at[-1]: start, size_at[-1]: size}
        return rows[start : start + size], facts

    return page
