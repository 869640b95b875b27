"""A small library, declared and kept in memory."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import orjson
import pytest

from catalog.sandbox import Call, Refused
from catalog.sandbox.engine import compile_program
from catalog.sandbox.state import Collection, Draft, Snapshot

COLLECTIONS: dict[str, Any] = {
    "authors": {"key": "id"},
    "books": {
        "key": "id",
        "ids": "number",
        "new": {"kind": "book", "lent": False},
        "unique": ["title"],
        "version": "version",
        "created": "created",
        "modified": "modified",
    },
    "shelves": {"key": "id"},
}
ROWS: dict[str, list[dict[str, Any]]] = {
    "authors": [{"id": "a1", "name": "Ursula"}, {"id": "a2", "name": "Stanisław"}],
    "books": [
        {"id": "9", "title": "Solaris", "authorId": "a2", "version": 4, "year": 1961, "_price": 12},
        {"id": "10", "title": "The Dispossessed", "authorId": "a1", "version": 1, "year": 1974},
        {"id": "2", "title": "eden", "authorId": "a2", "version": 1, "lent": True},
    ],
    "shelves": [
        {
            "id": "s1",
            "name": "Tall",
            "books": {"version": 1, "items": [{"id": "10"}, {"id": "9", "_fixed": True}]},
        },
        {"id": "s2", "name": "Empty"},
    ],
}
NOW = datetime(2026, 11, 3, 15, 20, 30, tzinfo=UTC)


def snapshot() -> Snapshot:
    keys = {name: facts["key"] for name, facts in COLLECTIONS.items()}
    return Snapshot(
        1, keys, {name: Collection({row["id"]: row for row in rows}) for name, rows in ROWS.items()}
    )


class Library:
    def __init__(self) -> None:
        self.state = snapshot()

    def __call__(
        self, declared: dict[str, Any], *, statuses: str = "200 400 404 409 422", **given: Any
    ) -> Any:
        definition = {
            "operation": {"x-sandbox": declared, "responses": {one: {} for one in statuses.split()}}
        }
        program = compile_program(
            "none", {"x-sandbox": {"collections": COLLECTIONS}}, definition, "operation"
        )
        draft = Draft(self.state)
        state = draft if program.writes else self.state
        places = (given.get(name, {}) for name in ("query", "path", "headers"))
        call = Call(given.get("body"), *places, state, NOW, ZoneInfo("UTC"), "r-1")  # type: ignore[misc]
        try:
            reply = program.run(call)
        except Refused as refused:
            return SimpleNamespace(status=refused.status, code=refused.code, json=None)
        if program.writes:
            self.state = draft.snapshot(self.state.version + 1)
        return SimpleNamespace(status=reply.status, json=orjson.loads(reply.body) if reply.body else None)


@pytest.fixture
def library() -> Library:
    return Library()
