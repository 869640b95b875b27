"""The adherence import document, published; and calls to it, every answer checked against it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import orjson
import pytest

from apps.services import create_app
from catalog import bundled
from catalog.gateway.validation import compile_schema
from catalog.openapi.closure import resolve
from catalog.openapi.document import operations
from catalog.openapi.read import read
from tests.catalog.published import published, unlimited
from tests.conftest import fetch_token

ROOT = "/sandbox/eleveo-adherence"
PATHS = {
    f"{name}{suffix}": (segment, base, kind)
    for suffix, base in (("", "/_rest/scheduling/adherence/{}"), ("AtOtherPath", "/scheduling/adherence/{}/"))
    for name, segment, kind in (
        ("pushEventTypes", "event-types", "application/json"),
        ("pushReasonCodes", "reason-codes", "application/json"),
        ("pushAgentEvents", "agent-events", "text/csv"),
    )
}
EVENT_TYPES = [{"acdType": "genesis", "sourceId": "acd-1", "eventType": "READY", "more": 1}]
REASON_CODES = [{"acdType": "genesis", "reasonCode": "LUNCH"}]
HEADER = "agentId,eventType,reasonCode,start,end\n"
ROW = "1007,READY,LUNCH,2026-11-03T08:00:00Z,2026-11-03T09:00:00+00:00\n"


@pytest.fixture(scope="session")
def document() -> Any:
    return read(bundled.source("eleveo-adherence"))


@pytest.fixture(scope="session")
def found(document: Any) -> Any:
    return {one.operation_id: one for one in operations(document)}


@pytest.fixture(scope="session")
def source(document: Any) -> bytes:
    return unlimited(document)


@pytest.fixture(scope="package")
def _published(django_db_setup: None, django_db_blocker: Any, source: bytes) -> Iterator[None]:
    yield from published(django_db_blocker, slug="eleveo-adherence", source=source)


@pytest.fixture
def issued(_published: None, db: Any, ada: Any) -> Any:
    return create_app(name="Importer", description="", by=ada)


def token_number(number: int) -> str:
    return f"0d0a1a3e-7a50-4c3f-8f0d-{number:012d}"


class Client:
    def __init__(self, gateway: Any, found: Any, token: str) -> None:
        self.gateway, self.found, self.token = gateway, found, token
        self.validators: dict[tuple[str, int], Any] = {}

    def push(self, operation: str, body: Any, number: int, last: Any = "true", **more: Any) -> Any:
        segment, base, kind = PATHS[operation]
        query = {"pushToken": token_number(number), "lastChunk": last}
        if segment == "agent-events":
            query["acdType"] = "genesis"
        headers = {"Tenant-ID": "northwind", "Content-Type": kind} | more.pop("headers", {})
        raw = body if isinstance(body, bytes) else body.encode() if isinstance(body, str) else None
        return self.send(
            operation,
            "POST",
            base.format(segment),
            query=urlencode(query | more),
            headers={name: value for name, value in headers.items() if value},
            body=orjson.dumps(body) if raw is None else raw,
        )

    def history(self) -> Any:
        return self.send("listImports", "GET", "/_rest/scheduling/adherence/imports").json["imports"]

    def send(self, operation: str, method: str, path: str, **more: Any) -> Any:
        answer = self.gateway(method, ROOT + path, token=self.token, **more)
        self._check(operation, answer)
        return answer

    def _check(self, operation: str, answer: Any) -> None:
        key = (operation, answer.status)
        if key not in self.validators:
            definition = self.found[operation].definition
            response = resolve(definition, definition["operation"]["responses"][str(answer.status)])
            schema = response["content"]["application/json"]["schema"]
            self.validators[key] = compile_schema(schema, definition)
        assert self.validators[key].is_valid(answer.json), (operation, answer.json)


@pytest.fixture
def api(gateway: Any, found: Any, issued: Any) -> Client:
    return Client(gateway, found, fetch_token(issued))


@pytest.fixture
def ready(api: Client) -> Client:
    """With event types and reason codes sent."""
    assert api.push("pushEventTypes", EVENT_TYPES, 1).status == 200
    assert api.push("pushReasonCodes", REASON_CODES, 2).status == 200
    return api
