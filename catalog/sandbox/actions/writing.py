"""Creating, replacing, changing and deleting one row."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import uuid4

from catalog.sandbox.actions.declared import Declared
from catalog.sandbox.actions.rows import Compiled, Shown, json, named
from catalog.sandbox.call import Call, Refused, Row
from catalog.sandbox.filters import values
from portal.wire import Reply

Check = Callable[[Call, Row], None]


def create(declared: Declared) -> Compiled:
    """A new row from the body, answered with `status` (201)."""
    table, shown, status = Table(declared), Shown.declared(declared.facts), declared.facts.get("status", 201)

    def run(call: Call) -> Reply:
        row = {**table.new, table.key: table.fresh_key(call), **call.body}
        stored = table.store(call, table.stamped(row, call.now, version=1, created=True))
        return json(shown.row(stored), status)

    return run


def replace(declared: Declared) -> Compiled:
    """The row becomes what the body says; what the server keeps of it stays."""
    return _change(declared, lambda table, row, body: {**table.new, **table.kept(row), **body})


def patch(declared: Declared) -> Compiled:
    """The row takes over what the body says."""
    return _change(declared, lambda table, row, body: {**row, **body})


def _change(declared: Declared, merged: Callable[[Table, Row, Row], Row]) -> Compiled:
    table, shown, source = Table(declared), Shown.declared(declared.facts), declared.source("key")

    def run(call: Call) -> Reply:
        row = named(call, table.collection, source)
        table.check_version(row, call.body)
        version = int(row.get(table.version, 0)) + 1
        wanted = table.stamped(merged(table, row, call.body), call.now, version=version)
        return json(shown.row(table.store(call, wanted)))

    return run


def delete(declared: Declared) -> Compiled:
    """Takes the row out, and out of the sets in `cascade`; refused while rows in `unused_in` name it."""
    collection, source = declared.collection, declared.source("key")
    key = declared.key(collection)
    users = [
        (declared.known(one["collection"]), str(one["field"]), one) for one in _many(declared, "unused_in")
    ]
    sets = [(declared.known(one["collection"]), str(one["set"])) for one in _many(declared, "cascade")]

    def run(call: Call) -> Reply:
        name = str(named(call, collection, source)[key])
        for other, field, facts in users:
            if call.state.by(other, field, name):
                message = f"It is still used in {other}. Take it out there first."
                raise Refused(facts.get("status", 409), "inUse", message, ".".join(source))
        for other, property_name in sets:
            for row in call.state.by(other, f"{property_name}.items.id", name):
                left = [item for item in row[property_name]["items"] if item["id"] != name]
                call.state.put(other, {**row, property_name: {**row[property_name], "items": left}})
        call.state.delete(collection, name)
        return Reply(declared.facts.get("status", 204))

    return run


class Table:
    """A collection as its writers see it: what the server fills in, and what it insists on."""

    def __init__(self, declared: Declared) -> None:
        facts = declared.collections[declared.collection]
        self.collection, self.key = declared.collection, declared.key(declared.collection)
        self.new: Row = dict(facts.get("new", {}))
        self.version = str(facts.get("version", ""))
        self.created, self.modified = str(facts.get("created", "")), str(facts.get("modified", ""))
        self.ids = facts.get("ids", "uuid")
        self.unique: Sequence[str] = facts.get("unique", ())
        self.finish = declared.function("finish")
        self.checks = [
            *(_pattern(one) for one in _many(declared, "checks")),
            *(_reference(declared, one) for one in _many(declared, "references")),
        ]

    def fresh_key(self, call: Call) -> str | int:
        if self.ids == "uuid":
            return str(uuid4())
        taken = (str(row[self.key]) for row in call.state.all(self.collection))
        number = max((int(key) for key in taken if key.isdecimal()), default=0) + 1
        return number if self.ids == "integer" else str(number)

    def kept(self, row: Row) -> Row:
        own = {self.key, self.version, self.created, self.modified}
        return {name: value for name, value in row.items() if name in own or name.startswith("_")}

    def stamped(self, row: Row, now: datetime, *, version: int, created: bool = False) -> Row:
        moment = stamp(now)
        times = {self.created: moment} if created else {}
        stamps = {**times, self.modified: moment, self.version: version}
        return row | {name: value for name, value in stamps.items() if name}

    def check_version(self, row: Row, body: Mapping[str, Any]) -> None:
        if self.version:
            check_version(body, row[self.version], self.version)

    def store(self, call: Call, row: Row) -> Row:
        """Raises Refused for what a check, a unique property or the API's own `finish` objects to."""
        for check in self.checks:
            check(call, row)
        for path in self.unique:
            for value in values(row, path.split(".")):
                if any(one[self.key] != row[self.key] for one in call.state.by(self.collection, path, value)):
                    message = f"Another entry in {self.collection} has this {path.split('.')[0]}."
                    raise Refused(409, "alreadyExists", message, f"body.{path.split('.')[0]}")
        stored: Row = self.finish(row, call) if self.finish else row
        call.state.put(self.collection, stored)
        return stored


def stamp(now: datetime) -> str:
    """2026-11-03T15:20:30.123Z"""
    return now.strftime("%Y-%m-%dT%H:%M:%S.") + f"{now.microsecond // 1000:03d}Z"


def check_version(body: Any, current: int, name: str = "version") -> None:
    """Raises Refused 409 when the body brings another version than the current one."""
    if isinstance(body, dict) and body.get(name, current) != current:
        message = f"It has changed since version {body[name]}. Read it again and repeat your change."
        raise Refused(409, "versionMismatch", message, f"body.{name}")


def _many(declared: Declared, name: str) -> Sequence[Mapping[str, Any]]:
    found: Sequence[Mapping[str, Any]] = declared.facts.get(name, ())
    return found


def _pattern(facts: Mapping[str, Any]) -> Check:
    """A rule the document cannot state because another status than 400 answers a breach of it."""
    pattern, path = re.compile(facts["pattern"]), str(facts["field"]).split(".")

    def check(call: Call, row: Row) -> None:
        if not all(pattern.fullmatch(str(value)) for value in values(row, path)):
            raise Refused(
                facts.get("status", 422), "invalidValue", facts["message"], f"body.{facts['field']}"
            )

    return check


def _reference(declared: Declared, facts: Mapping[str, Any]) -> Check:
    """The rows named at `field` exist; an empty text names none."""
    collection, path = declared.known(facts["collection"]), str(facts["field"]).split(".")

    def check(call: Call, row: Row) -> None:
        for value in values(row, path):
            if value not in (None, "") and call.state.get(collection, str(value)) is None:
                message = f"There is no such entry in {collection}."
                raise Refused(400, "referenceNotFound", message, f"body.{facts['field']}")

    return check
