"""Lists, searches and single rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import orjson

from catalog.sandbox.actions.declared import Declared
from catalog.sandbox.actions.rows import Compiled, Order, Shown, fragments, json, named, ordered, paging
from catalog.sandbox.call import Call, Row
from catalog.sandbox.filters import Filters, compile_filters, values
from catalog.sandbox.state import Snapshot
from portal.wire import Reply

Relation = Callable[[Call], tuple[Row, list[str]]]  # the owner, and the keys of its rows in order


def search(declared: Declared) -> Compiled:
    """Rows that pass every filter, in order, one page of them, under the answer property `into`.

    Without `into` the answer is the list itself.
    `of` narrows the rows to those related to another row, `but` takes such rows away; `copy` repeats
    properties of that row beside the list.
    """
    facts, collection = declared.facts, declared.collection
    into, copied = facts.get("into"), tuple(facts.get("copy", ()))
    page, shown = paging(facts.get("page")), Shown.declared(facts)
    beside: Row = dict(facts.get("answer", {}))
    find = _Finder(declared, collection)

    def run(call: Call) -> Reply:
        owner, rows = find(call)
        visible, told = page(call, rows)
        copies = {name: owner[name] for name in copied if name in owner}
        found = fragments(call.state, collection, visible, shown)
        if into is None:
            return json(found)
        listed = {into: found}
        return json({**told, **listed} if not beside else {**beside, **copies, **listed, **told})

    return run


class _Finder:
    """The rows a call asks for; in an unchanging snapshot the same question is answered once."""

    def __init__(self, declared: Declared, collection: str) -> None:
        facts = declared.facts
        self.collection = collection
        self.filters = compile_filters(facts.get("filters", []), declared.handlers, declared.key(collection))
        self.order = Order(facts.get("sort", ()))
        self.of = _relation(declared, facts.get("of"))
        self.but = _relation(declared, facts.get("but"))
        self.key = declared.key(collection)
        # tells searches of one collection apart
        self.name = orjson.dumps([facts.get("filters"), self.order.names, facts.get("of"), facts.get("but")])

    def __call__(self, call: Call) -> tuple[Row, Sequence[Row]]:
        asked = self.filters.asked(call)
        owner, keys = self.of(call) if self.of else ({}, None)
        gone = self.but(call)[1] if self.but else []
        found = call.state.collections.get(self.collection) if isinstance(call.state, Snapshot) else None
        if found is None:
            return owner, self._matching(call, asked, keys, gone)
        question = (self.name, call.today, orjson.dumps([asked, keys, gone]))
        rows = found.found.get(question)
        if rows is None:
            rows = self._matching(call, asked, keys, gone)
            found.remember(question, rows)
        return owner, rows

    def _matching(
        self, call: Call, asked: Sequence[Any], keys: list[str] | None, gone: list[str]
    ) -> Sequence[Row]:
        keys = _asked_keys(self.filters, asked) if keys is None else keys
        if keys is None:
            rows = ordered(call.state, self.collection, self.order)
        else:
            some = (call.state.get(self.collection, key) for key in keys)
            rows = self.order.sort([row for row in some if row is not None])
        if gone:
            hidden = frozenset(gone)
            rows = [row for row in rows if row[self.key] not in hidden]
        for test in self.filters.tests(asked, call):
            rows = list(filter(test, rows))
        return rows


def _asked_keys(filters: Filters, asked: Sequence[Any]) -> list[str] | None:
    wanted = None if filters.key is None else asked[filters.key]
    if wanted is None:
        return None
    return list(dict.fromkeys(map(str, wanted if isinstance(wanted, list) else [wanted])))


def _relation(declared: Declared, hops: Sequence[Mapping[str, Any]] | None) -> Relation | None:
    """From the row that the call names (`collection`, `key`) along the keys in `ids`, hop by hop."""
    if not hops:
        return None
    steps = [(declared.known(hop["collection"]), str(hop["ids"]).split(".")) for hop in hops]
    first, source = steps[0], str(hops[0]["key"]).split(".")

    def follow(call: Call) -> tuple[Row, list[str]]:
        owner = named(call, first[0], source)
        keys = [str(key) for key in values(owner, first[1]) if key is not None]
        for collection, path in steps[1:]:
            owners = [row for key in keys if (row := call.state.get(collection, key)) is not None]
            owner = owners[0] if owners else {}
            keys = [str(key) for row in owners for key in values(row, path) if key is not None]
        return owner, list(dict.fromkeys(keys))

    return follow


def get(declared: Declared) -> Compiled:
    """One row by the key at `key` (such as path.id), if it is as `where` asks."""
    collection, source = declared.collection, declared.source("key")
    where, shown = declared.facts.get("where"), Shown.declared(declared.facts)

    def run(call: Call) -> Reply:
        row = named(call, collection, source, where)
        return json(fragments(call.state, collection, [row], shown)[0])

    return run
