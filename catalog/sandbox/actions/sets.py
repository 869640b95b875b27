"""Sets of rows that belong to another row: shown, replaced as a whole, added to and taken from.

A set is a property of its owner: {"items": [{"id": …}, …]}, with a version and a time of last change where
the API has them. An item may have properties of its own, such as a level; the member's come beside them.
"""

from __future__ import annotations

from typing import Any

from catalog.sandbox.actions.declared import Declared
from catalog.sandbox.actions.rows import Compiled, Shown, json, named, paging
from catalog.sandbox.actions.writing import check_version, stamp
from catalog.sandbox.call import Call, Refused, Row
from catalog.sandbox.filters import asked
from portal.wire import Reply


class _Set:
    """`collection` and `key` name the owner, `set` its property, `members` the collection of its items."""

    def __init__(self, declared: Declared) -> None:
        facts = declared.facts
        self.owners, self.source = declared.collection, declared.source("key")
        self.name, self.members = str(facts["set"]), declared.known(facts["members"])
        self.into, self.beside = str(facts["into"]), dict(facts.get("answer", {}))
        self.page, self.each = paging(facts.get("page")), dict(facts.get("each", {}))
        self.shown = Shown.declared({"fields": facts.get("fields", ())})
        self.stays = facts.get("stays")
        self.finish = declared.function("finish")

    def owner(self, call: Call) -> Row:
        return named(call, self.owners, self.source)

    def of(self, owner: Row) -> Row:
        found: Row = owner.get(self.name) or {"items": []}
        return found

    def answer(self, call: Call, found: Row) -> Reply:
        visible, told = self.page(call, found["items"])
        stamps = {name: value for name, value in found.items() if name != "items"}
        rows = [row for item in visible if (row := self._item(call, item)) is not None]
        return json({**self.beside, **stamps, self.into: rows, **told})

    def _item(self, call: Call, item: Row) -> Row | None:
        member = call.state.get(self.members, item["id"])
        if member is None:
            return None
        own = {name: value for name, value in item.items() if name[:1] != "_"}
        return {**self.each, **self.shown.row(member), **own, **self.each}

    def store(self, call: Call, owner: Row, items: list[Row]) -> Row:
        """Raises Refused 409 when an item that has to stay is missing."""
        before = self.of(owner)
        left = {item["id"] for item in items}
        if self.stays and any(item.get(self.stays) and item["id"] not in left for item in before["items"]):
            raise Refused(409, "inUse", "It is in use there and cannot be taken out.", f"body.{self.into}")
        after = {**before, "items": self.finish(items, call) if self.finish else items}
        if "version" in before:
            after["version"] = before["version"] + 1
        if "lastModifiedTime" in before:
            after["lastModifiedTime"] = stamp(call.now)
        call.state.put(self.owners, {**owner, self.name: after})
        return after


def show_set(declared: Declared) -> Compiled:
    found = _Set(declared)
    return lambda call: found.answer(call, found.of(found.owner(call)))


def replace_set(declared: Declared) -> Compiled:
    """The set becomes the list at `from`, in its order. A version in the body has to be the current one."""
    found, source = _Set(declared), declared.source("from")

    def run(call: Call) -> Reply:
        owner = found.owner(call)
        before = found.of(owner)
        if "version" in before:
            check_version(call.body, before["version"])
        kept = {item["id"]: item for item in before["items"]}
        items: dict[str, Row] = {}
        for place, item in enumerate(asked(call, source)):
            field = f"{'.'.join(source)}[{place}].id"
            name = item.get("id")
            if name is None or call.state.get(found.members, name) is None:
                raise Refused(400, "referenceNotFound", f"There is no such entry in {found.members}.", field)
            if name in items:
                raise Refused(400, "duplicate", "It is in the list twice.", field)
            hidden = {key: value for key, value in kept.get(name, {}).items() if key[:1] == "_"}
            items[name] = {**item, **hidden}
        return found.answer(call, found.store(call, owner, list(items.values())))

    return run


def associate(declared: Declared) -> Compiled:
    """Adds the row at `member` to the end of the set; 409 when it is in it."""
    found, source = _Set(declared), declared.source("member")
    key = declared.key(found.members)

    def run(call: Call) -> Reply:
        owner = found.owner(call)
        name = named(call, found.members, source)[key]
        items = found.of(owner)["items"]
        if any(item["id"] == name for item in items):
            raise Refused(409, "alreadyExists", "They are associated already.", ".".join(source))
        return found.answer(call, found.store(call, owner, [*items, {"id": name}]))

    return run


def dissociate(declared: Declared) -> Compiled:
    """Takes the row at `member` out of the set; 404 when it is not in it."""
    found, source = _Set(declared), declared.source("member")

    def run(call: Call) -> Reply:
        owner = found.owner(call)
        name: Any = str(asked(call, source))
        items = found.of(owner)["items"]
        left = [item for item in items if item["id"] != name]
        if len(left) == len(items):
            raise Refused(404, "notFound", "They are not associated.", ".".join(source))
        found.store(call, owner, left)
        return Reply(204)

    return run
