"""The workforce document, and a sandbox of it that lives in memory."""

from __future__ import annotations

from datetime import UTC, date, datetime
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import orjson
import pytest

from catalog import bundled
from catalog.gateway.validation import compile_schema
from catalog.openapi.closure import resolve
from catalog.openapi.document import frame, operations
from catalog.openapi.read import read
from catalog.sandbox import Call, Refused
from catalog.sandbox.engine import collections, compile_program
from catalog.sandbox.state import Collection, Draft, Snapshot

NOW = datetime(2026, 11, 3, 15, 20, 30, tzinfo=UTC)  # a Tuesday; 10:20 in New York
TODAY = date(2026, 11, 3)


@pytest.fixture(scope="session")
def document() -> dict[str, Any]:
    return read(bundled.source("workforce"))


@pytest.fixture(scope="session")
def found(document: dict[str, Any]) -> dict[str, Any]:
    """Operations by id."""
    return {one.operation_id: one for one in operations(document)}


@pytest.fixture(scope="session")
def programs(document: dict[str, Any], found: dict[str, Any]) -> dict[str, Any]:
    outline = frame(document)
    return {key: compile_program("workforce", outline, one.definition, key) for key, one in found.items()}


@pytest.fixture(scope="session")
def validators() -> dict[tuple[str, str], Any]:
    return {}


@pytest.fixture(scope="session")
def seeded(document: dict[str, Any]) -> Snapshot:
    keys, module = collections(frame(document)), bundled.module("workforce", "seed")
    assert module
    rows = module.rows(TODAY)
    kept = {name: Collection({row[key]: row for row in rows[name]}) for name, key in keys.items()}
    return Snapshot(1, keys, kept)


class Sandbox:
    """Answers calls as the gateway would, and checks every request and answer against the document."""

    def __init__(self, found: Any, programs: Any, validators: Any, state: Snapshot) -> None:
        self.found, self.programs, self.validators = found, programs, validators
        self.state: Snapshot = state
        self.now = NOW
        self.zone = ZoneInfo("America/New_York")
        self.calls = 0

    def __call__(self, operation: str, body: Any = None, **given: Any) -> Any:
        answer = self.answer(operation, body, **given)
        assert answer.status == 200, answer.error
        return answer.json

    def answer(self, operation: str, body: Any = None, **given: Any) -> SimpleNamespace:
        definition, program = self.found[operation].definition, self.programs[operation]
        path = {"id": given.pop("id")} if "id" in given else {}
        if body is not None:
            content = definition["operation"]["requestBody"]["content"]["application/json"]
            self._check(operation, "request", content["schema"], definition, body)
        self.calls += 1
        query = {"startIndex": 0, "maxResults": 100} | given
        draft = Draft(self.state)
        state = draft if program.writes else self.state
        call = Call(body, query, path, {}, state, self.now, self.zone, f"req-{self.calls}", operation)
        try:
            reply = program.run(call)
        except Refused as found:
            refused = found
        else:
            refused = None
        if refused:
            assert str(refused.status) in definition["operation"]["responses"]
            return SimpleNamespace(status=refused.status, error=refused.code, field=refused.field)
        if program.writes:
            self.state = draft.snapshot(self.state.version + 1)
        answer = orjson.loads(reply.body)
        media = resolve(definition, definition["operation"]["responses"]["200"])["content"]
        self._check(operation, "answer", media["application/json"]["schema"], definition, answer)
        return SimpleNamespace(status=reply.status, json=answer, error=None)

    def _check(self, operation: str, side: str, schema: Any, definition: Any, value: Any) -> None:
        validator = self.validators.get((operation, side))
        if validator is None:
            validator = self.validators[operation, side] = compile_schema(schema, definition)
        assert [f"{e.instance_path}: {e.message}" for e in validator.iter_errors(value)] == []


@pytest.fixture
def sandbox(found: Any, programs: Any, validators: Any, seeded: Snapshot) -> Sandbox:
    return Sandbox(found, programs, validators, seeded)
