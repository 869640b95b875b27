"""Rows on their way out: found, ordered, cut to a page, and cut to what the answer shows."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from catalog.sandbox.call import Call, Refused, Row
from catalog.sandbox.filters import asked
from catalog.sandbox.state import Snapshot
from portal.wire import Reply

JSON = [("Content-Type", "application/json")]
Compiled = Callable[[Call], Reply]
Page = Callable[[Call, Sequence[Any]], tuple[Sequence[Any], Row]]


def json(value: Any, status: int = 200) -> Reply:
    return Reply(status, orjson.dumps(value), JSON.copy())


def named(call: Call, collection: str, source: Sequence[str], where: Mapping[str, Any] | None = None) -> Row:
    """The row whose key the call names at `source`. Raises Refused 404: none, or not as `where` asks."""
    row = call.state.get(collection, str(asked(call, source)))
    if row is None or any(row.get(name) != value for name, value in (where or {}).items()):
        raise Refused(404, "notFound", f"There is no such entry in {collection}.", ".".join(source))
    return row


@dataclass(frozen=True, slots=True)
class Shown:
    """What an answer shows of a row: only `fields`, or all but `omit`; and `each` property with one value."""

    label: bytes  # tells projections of one collection apart
    fields: tuple[str, ...] | None
    omit: frozenset[str]
    each: Mapping[str, Any]

    @classmethod
    def declared(cls, facts: Mapping[str, Any]) -> Shown:
        fields, omit, each = facts.get("fields"), facts.get("omit", ()), facts.get("each", {})
        label = orjson.dumps([fields, omit, each])
        return cls(label, None if fields is None else tuple(fields), frozenset(omit), each)

    def row(self, row: Row) -> Row:
        if self.fields is not None:
            shown = {name: row[name] for name in self.fields if name in row}
        else:
            shown = {name: row[name] for name in row if name[:1] != "_" and name not in self.omit}
        return {**self.each, **shown, **self.each} if self.each else shown


def fragments(state: Any, collection: str, rows: Sequence[Row], shown: Shown) -> list[Any]:
    """The rows ready for the answer; in an unchanging snapshot each row is encoded once."""
    found = state.collections.get(collection) if isinstance(state, Snapshot) else None
    if found is None:
        return [shown.row(row) for row in rows]
    kept, key = found.fragments.setdefault(shown.label, {}), state.keys[collection]
    result = []
    for row in rows:
        name = row[key]
        fragment = kept.get(name)
        if fragment is None:
            fragment = kept[name] = orjson.Fragment(orjson.dumps(shown.row(row)))
        result.append(fragment)
    return result


class Order:
    """A `sort` such as [lastName, -hired, id:number]: descending with a dash, texts of digits as numbers.

    Texts sort without regard to case; rows without the property come last, in either direction.
    """

    def __init__(self, declared: Sequence[str]) -> None:
        self.names = tuple(declared)
        self._parts = [
            (name.lstrip("-").removesuffix(":number"), name.startswith("-"), name.endswith(":number"))
            for name in declared
        ]

    def sort(self, rows: Sequence[Row]) -> Sequence[Row]:
        if not self._parts:
            return rows
        ordered = list(rows)
        for name, is_descending, is_number in reversed(self._parts):  # stable: the last property first
            ordered.sort(key=_sort_key(name, is_number, is_descending), reverse=is_descending)
        return ordered


def _sort_key(name: str, is_number: bool, is_descending: bool) -> Callable[[Row], tuple[bool, Any]]:
    def key(row: Row) -> tuple[bool, Any]:
        value = row.get(name)
        if value is None:
            return (not is_descending, 0)
        if is_number:
            return (is_descending, float(value))
        return (is_descending, value.casefold() if isinstance(value, str) else value)

    return key


def ordered(state: Any, collection: str, order: Order) -> Sequence[Row]:
    """All rows of a collection in order; in an unchanging snapshot sorted once."""
    found = state.collections.get(collection) if isinstance(state, Snapshot) else None
    if found is None:
        return order.sort(state.all(collection))
    rows: Sequence[Row] | None = found.sorted.get(order.names)
    if rows is None:
        rows = found.sorted[order.names] = order.sort(list(found.rows.values()))
    return rows


def paging(declared: Mapping[str, Any] | None) -> Page:
    """A page of rows, and what the answer says of it under the names the declaration gives:

    `start` and `size` say where the call asks (rows to skip, rows at most), `default` and `most` bound the
    size; `total` names the count of all rows, `last` the position of the last row shown, counted from 1;
    `echo` repeats start and size. Without `start` all rows are shown.
    """
    declared = declared or {}
    total, last, echo = declared.get("total"), declared.get("last"), declared.get("echo", False)
    start_at, size_at = (str(declared.get(name, "")).split(".") for name in ("start", "size"))
    default, most = int(declared.get("default", 100)), int(declared.get("most", 1000))
    is_paged = "start" in declared

    def page(call: Call, rows: Sequence[Any]) -> tuple[Sequence[Any], Row]:
        start = (asked(call, start_at) or 0) if is_paged else 0
        size = min(asked(call, size_at) or default, most) if is_paged else len(rows)
        shown = rows[start : start + size] if is_paged else rows
        facts: Row = {}
        if last:
            facts[last] = start + len(shown) if shown else 0
        if total:
            facts[total] = len(rows)
        if echo:
            facts |= {start_at[-1]: start, size_at[-1]: size}
        return shown, facts

    return page
