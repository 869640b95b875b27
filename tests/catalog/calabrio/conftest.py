"""The calabrio-one document, published; and calls to it, every answer checked against it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import quote, urlencode

import pytest

from apps.services import create_app
from catalog import bundled
from catalog.gateway.validation import compile_schema
from catalog.openapi.closure import resolve
from catalog.openapi.document import OperationSource, operations
from catalog.openapi.read import read
from catalog.queries import current_version
from catalog.sandbox.engine import collections, store
from portal.tenancy.models import User
from portal.tenancy.services import create_tenant
from tests.catalog.calabrio import forms
from tests.catalog.published import published, unlimited
from tests.conftest import _person as person
from tests.conftest import call_wsgi, fetch_token

ROOT = "/sandbox/calabrio-one"


@pytest.fixture(scope="session")
def facts() -> Any:
    """What the source lists, without its words."""
    return json.loads((Path(__file__).parent / "facts.json").read_text())


@pytest.fixture(scope="session")
def document() -> dict[str, Any]:
    return read(bundled.source("calabrio-one"))


@pytest.fixture(scope="session")
def found(document: dict[str, Any]) -> dict[str, OperationSource]:
    """Operations by id."""
    return {one.operation_id: one for one in operations(document)}


@pytest.fixture(scope="session")
def validators() -> dict[Any, Any]:
    return {}


@pytest.fixture(scope="session")
def source(document: dict[str, Any]) -> bytes:
    """The document as JSON, which is read faster, with a limit that no test meets by accident."""
    return unlimited(document)


@pytest.fixture(scope="package")
def _published(django_db_setup: None, django_db_blocker: Any, source: bytes) -> Iterator[None]:
    yield from published(django_db_blocker, slug="calabrio-one", source=source)


@pytest.fixture
def calabrio(_published: None, db: Any) -> Any:
    return current_version("calabrio-one")


class Client:
    """Calls operations through the gateway with what the document shows, unless told otherwise."""

    def __init__(self, found: Any, validators: Any, token: str) -> None:
        self.found, self.validators, self.token = found, validators, token

    def __call__(self, operation: str, body: Any = None, **given: Any) -> Any:
        answer = self.answer(operation, body, **given)
        assert answer.status == 200, (operation, answer.status, answer.body[:400])
        return answer.json

    def answer(
        self,
        operation: str,
        body: Any = None,
        *,
        query: dict[str, Any] | str | None = None,
        media_type: str = "application/json",
        **path: Any,
    ) -> SimpleNamespace:
        from catalog.gateway.endpoint import application

        one = self.found[operation]
        answer = call_wsgi(
            application,
            one.method,
            ROOT + filled(one, path),
            body=b"" if body is None else body if isinstance(body, bytes) else json.dumps(body).encode(),
            headers={"Content-Type": media_type, "Authorization": f"Bearer {self.token}"},
            query=query if isinstance(query, str) else urlencode(query or {}, doseq=True),
        )
        self.check(one, answer)
        return answer

    def check(self, one: OperationSource, answer: Any) -> None:
        """The status is documented, and the body is as it says there."""
        response = resolve(one.definition, one.definition["operation"]["responses"].get(str(answer.status)))
        assert response, (one.operation_id, answer.status, answer.body[:400])
        content = response.get("content")
        if not content:
            assert answer.body == b"", (one.operation_id, answer.status)
            return
        media_type = answer.headers["content-type"].partition(";")[0]
        assert media_type in content, (one.operation_id, media_type)
        if media_type != "application/json":
            return
        key = (one.operation_id, answer.status)
        if key not in self.validators:
            self.validators[key] = compile_schema(content[media_type]["schema"], one.definition)
        value = json.loads(answer.body)
        wrong = [f"{e.instance_path}: {e.message}" for e in self.validators[key].iter_errors(value)]
        assert wrong == [], (key, wrong[:5], answer.body[:500])


def parameters(one: OperationSource, place: str) -> list[dict[str, Any]]:
    return [entry for entry in one.definition["operation"]["parameters"] if entry["in"] == place]


def filled(one: OperationSource, given: dict[str, Any]) -> str:
    path = one.path
    for entry in parameters(one, "path"):
        value = str(given.get(entry["name"], entry.get("example", "x")))
        path = path.replace(f"{{{entry['name']}}}", quote(value, safe=""))
    return path


def needed(one: OperationSource) -> dict[str, Any]:
    """The query parameters a call cannot do without."""
    return {
        entry["name"]: entry["example"]
        for entry in parameters(one, "query")
        if entry.get("required") or entry["name"] == "ccrid"
    }


def samples(one: OperationSource) -> list[tuple[str, Any]]:
    """(media type, body) of every example, as a client sends it; one without a body where there is none."""
    content = (one.definition["operation"].get("requestBody") or {}).get("content") or {}
    found: list[tuple[str, Any]] = []
    for kind, media in content.items():
        values = [example["value"] for example in (media.get("examples") or {}).values()]
        for value in values or [b"RIFF"]:
            found.append(_sent(kind, value))
    return found or [("application/json", None)]


def _sent(kind: str, value: Any) -> tuple[str, Any]:
    if kind == "multipart/form-data":
        files = value["file"] if isinstance(value["file"], list) else [value["file"]]
        fields = {name: text for name, text in value.items() if name != "file"}
        return forms.TYPE, forms.form({f"rows{n or ''}.csv": text for n, text in enumerate(files)}, fields)
    return kind, value.encode() if isinstance(value, str) and "json" not in kind else value


@pytest.fixture(scope="package")
def _planted(_published: None, django_db_blocker: Any) -> tuple[int, str]:
    """Ada and a token, and the rows her tenant's sandbox begins with: laid down once for all tests."""
    with django_db_blocker.unblock():
        northwind = create_tenant(name="Northwind", region="us", time_zone="America/New_York", by=None)
        ada = person(northwind, "ada@northwind.example", "Ada", "Okafor", "admin")
        token = fetch_token(create_app(name="Client", description="", by=ada))
        keys = collections(current_version("calabrio-one").outline())
        store(tenant_id=northwind.pk, api="calabrio-one", keys=keys, today=northwind.today()).version()
    return ada.pk, token


@pytest.fixture
def ada(_planted: tuple[int, str], db: Any) -> Any:
    return User.objects.get(pk=_planted[0])


@pytest.fixture
def northwind(ada: Any) -> Any:
    return ada.tenant


@pytest.fixture
def api(calabrio: Any, found: Any, validators: Any, _planted: tuple[int, str]) -> Client:
    return Client(found, validators, _planted[1])
