"""The provisioning document, published; and calls to it, every answer checked against it."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import orjson
import pytest

from apps.services import create_app
from catalog import bundled
from catalog.gateway.refusal import Refusal
from catalog.gateway.validation import Invalid, RequestValidator
from catalog.openapi.document import OperationSource, frame, operations
from catalog.openapi.read import read
from catalog.sandbox import Call, Refused
from catalog.sandbox.engine import collections, compile_program
from catalog.sandbox.state import Collection, Draft, Snapshot
from catalog.services import publish
from portal import wire
from portal.wire import Reply, Request
from tests.catalog.client import Client, path_values
from tests.conftest import fetch_token

ROOT = "/sandbox/provisioning"
NOW = datetime(2026, 11, 3, 15, 20, 30, tzinfo=UTC)
ITEM = {"scope": "provisioning", "reason": "$code", "message": "$message", "field": "$field", "rule": "$rule"}
WRAPPED = {"error": {"code": "$status", "message": "$message", "errors": [ITEM]}}


@pytest.fixture(scope="session")
def facts() -> Any:
    """What the source lists, without its words."""
    return json.loads((Path(__file__).parent / "facts.json").read_text())


@pytest.fixture(scope="session")
def document() -> dict[str, Any]:
    return read(bundled.source("provisioning"))


@pytest.fixture(scope="session")
def found(document: dict[str, Any]) -> dict[str, OperationSource]:
    """Operations by id."""
    return {one.operation_id: one for one in operations(document)}


@pytest.fixture(scope="session")
def validators() -> dict[tuple[str, str], Any]:
    return {}


@pytest.fixture(scope="session")
def source(document: dict[str, Any]) -> Callable[[int], bytes]:
    """The document as JSON, which is read faster, with another rate limit."""

    def with_limit(limit: int) -> bytes:
        return orjson.dumps({**document, "x-rate-limit": {"limit": limit, "window": 60}})

    return with_limit


@pytest.fixture
def provisioning(db: Any, source: Callable[[int], bytes]) -> Any:
    """The API, published with a limit that no test meets by accident."""
    return publish(slug="provisioning", source=source(1_000_000), guides=[], by=None)


@pytest.fixture
def token_for(provisioning: Any) -> Any:
    def issue(person: Any, *, scope: str = "", name: str = "Client") -> str:
        return fetch_token(create_app(name=name, description="", by=person), scope=scope)

    return issue


@pytest.fixture
def client_of(found: Any, validators: Any, token_for: Any) -> Any:
    return lambda person, **more: Client(ROOT, found, validators, token_for(person, **more))


@pytest.fixture
def api(client_of: Any, ada: Any) -> Client:
    return client_of(ada)


class Local(Client):
    """The same calls to a sandbox in memory: checked and refused like the gateway's, but much faster."""

    def __init__(self, found: Any, validators: Any, programs: Any, state: Snapshot) -> None:
        super().__init__(ROOT, found, validators, token="")
        self.programs, self.state = programs, state

    def application(self, one: OperationSource, path: dict[str, str]) -> Any:
        template = one.definition["operation"]["x-sandbox"].get("error", WRAPPED)

        def handle(request: Request) -> Reply:
            try:
                return self._run(one, path_values(one, path), request)
            except Invalid as invalid:
                refusal = Refusal(invalid.status, "invalidRequest", str(invalid), faults=invalid.faults)
            except Refused as refused:
                refusal = Refusal(refused.status, refused.code, refused.message)
            return refusal.reply(template, request.request_id)

        return wire.application(handle)

    def _run(self, one: OperationSource, path: dict[str, str], request: Request) -> Reply:
        validator, program = self.programs[one.operation_id]
        draft = Draft(self.state)
        call = Call(
            body=validator.body(request),
            query=validator.query(request),
            path=validator.path(path),
            headers=validator.headers(request),
            state=draft if program.writes else self.state,
            now=NOW,
            zone=ZoneInfo("UTC"),
            request_id=request.request_id,
        )
        reply = program.run(call)
        if program.writes:
            self.state = draft.snapshot(self.state.version + 1)
        return reply


@pytest.fixture(scope="session")
def programs(document: dict[str, Any], found: Any) -> Any:
    outline = frame(document)
    return {
        key: (RequestValidator(one.definition), compile_program("provisioning", outline, one.definition, key))
        for key, one in found.items()
    }


@pytest.fixture
def local(document: dict[str, Any], found: Any, validators: Any, programs: Any) -> Local:
    keys, seed = collections(frame(document)), bundled.module("provisioning", "seed")
    assert seed
    rows = seed.rows(NOW.date())
    kept = {name: Collection({row[key]: row for row in rows[name]}) for name, key in keys.items()}
    return Local(found, validators, programs, Snapshot(1, keys, kept))
