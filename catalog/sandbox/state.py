"""A tenant's rows: in the database, repeated in memory while their version is current.

A reader asks Valkey for the version in the same round trip that limits its rate (gateway.gate), so that a
call on unchanged data costs no database round trip at all. A writer raises the version row first, which
also makes writers of one tenant and API wait for each other.

A row of its own says which collections have had their seed, so that what a newer version of the document
adds is planted beside what the tenant has, and what the tenant emptied stays empty.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, TypeVar

import orjson
from django.db import IntegrityError, transaction
from django.db.models import F, QuerySet

from catalog.errors import CatalogError
from catalog.models import Sandbox, SandboxJob, SandboxRow
from catalog.sandbox import doorbell
from catalog.sandbox.call import Row
from catalog.sandbox.filters import folded, values
from portal import stamps

Result = TypeVar("Result")
Index = dict[Hashable, list[Row]]  # value → rows
PLANTED = ""  # the collection of the row that names the planted collections
MOST_ROWS = 20_000  # in one tenant's sandbox of one API
KEPT_ROWS = 60_000  # in this process, over all tenants
MOST_ANSWERS = 200  # remembered per collection and version


class Full(Exception):
    """The sandbox holds as many rows as it may."""


@dataclass(slots=True)
class Collection:
    """Rows of one kind, and what was worked out of them; they never change, so it stays right."""

    rows: dict[str, Row]
    fragments: dict[bytes, dict[str, orjson.Fragment]] = field(default_factory=dict)  # projection → key
    sorted: dict[tuple[str, ...], Sequence[Row]] = field(default_factory=dict)
    indexes: dict[str, Index] = field(default_factory=dict)  # by dotted property
    found: dict[Hashable, Sequence[Row]] = field(
        default_factory=dict
    )  # question → rows, so that paging is free

    def index(self, path: str) -> Index:
        found = self.indexes.get(path)
        if found is None:
            found = self.indexes[path] = {}
            for row in self.rows.values():
                for value in {folded(value) for value in values(row, path.split("."))}:
                    found.setdefault(value, []).append(row)
        return found

    def remember(self, question: Hashable, rows: Sequence[Row]) -> None:
        if len(self.found) >= MOST_ANSWERS:
            del self.found[next(iter(self.found))]  # the oldest
        self.found[question] = rows


@dataclass(slots=True)
class Snapshot:
    """All rows of one tenant and API at one version; never changed once built."""

    version: int
    keys: Mapping[str, str]  # collection → the property that is its key
    collections: dict[str, Collection]
    worked_out: dict[str, Any] = field(default_factory=dict)

    def all(self, collection: str) -> Sequence[Row]:
        found = self.collections.get(collection)
        return list(found.rows.values()) if found else []

    def get(self, collection: str, key: str) -> Row | None:
        found = self.collections.get(collection)
        return found.rows.get(key) if found else None

    def by(self, collection: str, field: str, value: Any) -> Sequence[Row]:
        found = self.collections.get(collection)
        return found.index(field).get(folded(value), []) if found else []

    def derived(self, name: str, make: Callable[[], Result]) -> Result:
        if name not in self.worked_out:
            self.worked_out[name] = make()
        found: Result = self.worked_out[name]
        return found

    def put(self, collection: str, row: Row) -> None:
        raise RuntimeError("An operation that writes declares `writes: true`.")

    def delete(self, collection: str, key: str) -> bool:
        raise RuntimeError("An operation that writes declares `writes: true`.")

    def later(self, name: str, key: str, after: float = 0.0) -> None:
        raise RuntimeError("An operation that starts a job declares `writes: true`.")

    def size(self) -> int:
        return sum(len(one.rows) for one in self.collections.values())


class Draft:
    """A snapshot with changes laid over it, inside the writer's transaction."""

    def __init__(self, base: Snapshot) -> None:
        self.base = base
        self.changed: dict[str, dict[str, Row | None]] = {}  # None: deleted
        self.jobs: list[doorbell.Later] = []
        self._worked_out: dict[str, Any] = {}

    def all(self, collection: str) -> Sequence[Row]:
        changed = self.changed.get(collection)
        if not changed:
            return self.base.all(collection)
        return list(self._merged(collection).values())

    def _merged(self, collection: str) -> dict[str, Row]:
        found = self.base.collections.get(collection)
        rows: dict[str, Row | None] = {**(found.rows if found else {}), **self.changed.get(collection, {})}
        return {key: row for key, row in rows.items() if row is not None}

    def get(self, collection: str, key: str) -> Row | None:
        changed = self.changed.get(collection, {})
        return changed[key] if key in changed else self.base.get(collection, key)

    def by(self, collection: str, field: str, value: Any) -> Sequence[Row]:
        changed, key, path = self.changed.get(collection, {}), self.base.keys[collection], field.split(".")
        wanted = folded(value)
        fresh = [row for row in changed.values() if row is not None]
        return [
            *(row for row in self.base.by(collection, field, value) if str(row[key]) not in changed),
            *(row for row in fresh if any(folded(one) == wanted for one in values(row, path))),
        ]

    def derived(self, name: str, make: Callable[[], Result]) -> Result:
        if name not in self._worked_out:
            self._worked_out[name] = make()
        found: Result = self._worked_out[name]
        return found

    def discard(self) -> None:
        """As if nothing had been written."""
        self.changed.clear()
        self.jobs.clear()
        self._worked_out.clear()

    def put(self, collection: str, row: Row) -> None:
        self._worked_out.clear()
        self.changed.setdefault(collection, {})[str(row[self.base.keys[collection]])] = row

    def delete(self, collection: str, key: str) -> bool:
        if self.get(collection, key) is None:
            return False
        self._worked_out.clear()
        self.changed.setdefault(collection, {})[key] = None
        return True

    def later(self, name: str, key: str, after: float = 0.0) -> None:
        self.jobs.append(doorbell.Later(name, key, after))

    def snapshot(self, version: int) -> Snapshot:
        """What the draft has become. Answers found before are forgotten everywhere: they may look across."""
        kept = {
            name: Collection(one.rows, one.fragments, one.sorted, one.indexes)
            for name, one in self.base.collections.items()
        }
        fresh = {name: Collection(self._merged(name)) for name in self.changed}
        return Snapshot(version, self.base.keys, {**kept, **fresh})


@dataclass(frozen=True, slots=True)
class Store:
    """One tenant's sandbox of one API. `seed` gives the rows it starts with."""

    tenant_id: int
    api: str
    keys: Mapping[str, str]
    seed: Callable[[date], Mapping[str, Iterable[Row]]]
    today: date

    @property
    def subject(self) -> str:
        """Its name as a stamp."""
        return f"sandbox:{self.tenant_id}:{self.api}"

    def version(self) -> int:
        """From the database; makes the sandbox when there is none yet."""
        found = self._rows().values_list("version", flat=True).first()
        return found if found is not None else self._make()

    def kept(self) -> Snapshot | None:
        """What this process has in memory, whether or not it is current."""
        found = _kept.get(self.subject)
        return found if found and found.keys == self.keys else None

    def snapshot(self, version: int) -> Snapshot:
        """At least as new as `version`."""
        kept = _kept.get(self.subject)
        if kept and kept.version >= version and kept.keys == self.keys:
            _kept.move_to_end(self.subject)
            return kept
        while True:
            before = self.version()
            loaded = self._load(before)
            if loaded is None:
                self._add()
            elif self.version() == before:  # nobody wrote between the reads
                return _keep(self.subject, loaded)

    def write(self, work: Callable[[Draft], Result]) -> Result:
        """Runs `work` on a draft and stores what it changed; an exception leaves nothing behind."""
        with transaction.atomic():
            if not self._rows().update(version=F("version") + 1):
                self._make()
                self._rows().update(version=F("version") + 1)
            version = self._rows().values_list("version", flat=True).get()
            draft = Draft(self._base(version - 1))
            result = work(draft)
            self._store(draft)
        _keep(self.subject, draft.snapshot(version))
        stamps.publish(self.subject, version)
        return result

    def _base(self, version: int) -> Snapshot:
        """What a writer, alone with the rows, starts from."""
        kept = _kept.get(self.subject)
        if kept and kept.version == version and kept.keys == self.keys:
            return kept
        loaded = self._load(version)
        if loaded is None:
            self._plant(self._missing())
            loaded = self._load(version)
        assert loaded
        return loaded

    def reset(self, *, also: Callable[[], None] = lambda: None) -> None:
        """Back to the seed. `also` belongs to the same transaction."""
        with transaction.atomic():
            if self._rows().update(version=F("version") + 1):
                self._stored().delete()
                SandboxJob.objects.filter(tenant_id=self.tenant_id, api=self.api).delete()
                self._plant(self.keys)
            else:
                self._make()
            version = self._rows().values_list("version", flat=True).get()
            also()
        _kept.pop(self.subject, None)
        stamps.publish(self.subject, version)

    def _rows(self) -> QuerySet[Sandbox]:
        return Sandbox.objects.filter(tenant_id=self.tenant_id, api=self.api)

    def _make(self) -> int:
        try:
            with transaction.atomic():
                made = Sandbox.objects.create(tenant_id=self.tenant_id, api=self.api)
                self._plant(self.keys)
        except IntegrityError:  # another process made it first
            return self._rows().values_list("version", flat=True).get()
        return made.version

    def _plant(self, collections: Iterable[str]) -> None:
        """Rows of the seed for these collections, and the row that says so."""
        seed = self.seed(self.today)
        for unknown in seed.keys() - self.keys.keys():
            raise CatalogError(f"{self.api}: the seed fills “{unknown}”, which x-sandbox does not declare.")
        planted = sorted({*self._planted(), *collections})
        SandboxRow.objects.bulk_create(
            (
                self._row(collection, str(row[self.keys[collection]]), row)
                for collection in collections
                for row in seed.get(collection, ())
            ),
            batch_size=500,
        )
        self._stored().filter(collection=PLANTED).delete()
        self._row(PLANTED, PLANTED, planted).save(force_insert=True)

    def _planted(self) -> set[str]:
        text = self._stored().filter(collection=PLANTED).values_list("data", flat=True).first()
        if text is not None:
            return set(orjson.loads(text))
        return set(
            self._stored().values_list("collection", flat=True).distinct()
        )  # from before there was a row

    def _missing(self) -> list[str]:
        planted = self._planted()
        return [name for name in self.keys if name not in planted]

    def _add(self) -> None:
        """Plants what a newer version of the document has brought."""
        with transaction.atomic():
            self._rows().update(version=F("version") + 1)
            self._plant(self._missing())
            version = self._rows().values_list("version", flat=True).get()
        stamps.publish(self.subject, version)

    def _row(self, collection: str, key: str, row: Any) -> SandboxRow:
        data = orjson.dumps(row).decode()
        return SandboxRow(tenant_id=self.tenant_id, api=self.api, collection=collection, key=key, data=data)

    def _load(self, version: int) -> Snapshot | None:
        """None when a collection still has to be planted."""
        collections = {name: Collection({}) for name in self.keys}
        planted: list[str] = []
        for collection, key, data in self._stored().order_by("pk").values_list("collection", "key", "data"):
            if collection == PLANTED:
                planted = orjson.loads(data)
            else:
                collections.setdefault(collection, Collection({})).rows[key] = orjson.loads(data)
        if not self.keys.keys() <= set(planted):
            return None
        return Snapshot(version, self.keys, collections)

    def _stored(self) -> QuerySet[SandboxRow]:
        return SandboxRow.objects.filter(tenant_id=self.tenant_id, api=self.api)

    def _store(self, draft: Draft) -> None:
        put, added = [], 0
        for collection, changed in draft.changed.items():
            gone = [key for key, row in changed.items() if row is None]
            if gone:
                self._stored().filter(collection=collection, key__in=gone).delete()
            for key, row in changed.items():
                if row is not None:
                    added += draft.base.get(collection, key) is None
                    put.append(self._row(collection, key, row))
        if added and draft.base.size() + added > MOST_ROWS:
            raise Full
        SandboxRow.objects.bulk_create(
            put,
            update_conflicts=True,
            unique_fields=["tenant", "api", "collection", "key"],
            update_fields=["data"],
            batch_size=500,
        )
        doorbell.enqueue(tenant_id=self.tenant_id, api=self.api, jobs=draft.jobs)


_kept: OrderedDict[str, Snapshot] = OrderedDict()


def _keep(subject: str, snapshot: Snapshot) -> Snapshot:
    _kept[subject] = snapshot
    _kept.move_to_end(subject)
    while len(_kept) > 1 and sum(one.size() for one in _kept.values()) > KEPT_ROWS:
        _kept.popitem(last=False)
    return snapshot


def forget() -> None:
    """Drops everything kept in this process; for tests."""
    _kept.clear()
