"""Calls to a published document; every answer is checked against it."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any
from urllib.parse import quote, urlencode

from catalog.gateway.validation import compile_schema
from catalog.openapi.closure import resolve
from catalog.openapi.document import OperationSource
from tests.conftest import call_wsgi


class Client:
    """Calls operations through the gateway with what the document shows, unless told otherwise."""

    def __init__(self, root: str, found: Any, validators: Any, token: str) -> None:
        self.root, self.found, self.validators, self.token = root, found, validators, token

    def __call__(self, operation: str, body: Any = None, **given: Any) -> Any:
        """The body of an answer with the documented success status."""
        answer = self.answer(operation, body, **given)
        assert answer.status == success(self.found[operation]), (operation, answer.status, answer.body)
        return answer.json

    def answer(
        self,
        operation: str,
        body: Any = None,
        *,
        query: dict[str, Any] | None = None,
        headers: dict[str, str] | None = None,
        **path: str,
    ) -> SimpleNamespace:
        one = self.found[operation]
        sent = {"x-api-key": "key", "Authorization": f"Bearer {self.token}", **(headers or {})}
        answer = call_wsgi(
            self.application(one, path),
            one.method,
            self.root + filled(one, path),
            body=b"" if body is None else body if isinstance(body, bytes) else json.dumps(body).encode(),
            headers={"Content-Type": "application/json"} | {k: v for k, v in sent.items() if v},
            query=urlencode(query or {}, doseq=True),
        )
        self.check(one, answer)
        return answer

    def application(self, one: OperationSource, path: dict[str, str]) -> Any:
        from catalog.gateway.endpoint import application

        return application

    def check(self, one: OperationSource, answer: Any) -> None:
        """The status is documented, and the body is as it says there."""
        if answer.status == 401:
            return
        response = resolve(one.definition, one.definition["operation"]["responses"].get(str(answer.status)))
        assert response, (one.operation_id, answer.status, answer.body)
        content = response.get("content")
        if not content:
            assert answer.body == b"", (one.operation_id, answer.status, answer.body)
            return
        assert answer.headers["content-type"] == "application/json", one.operation_id
        key = (one.operation_id, str(answer.status))
        if key not in self.validators:
            self.validators[key] = compile_schema(content["application/json"]["schema"], one.definition)
        wrong = [f"{e.instance_path}: {e.message}" for e in self.validators[key].iter_errors(answer.json)]
        assert wrong == [], (key, wrong, answer.body[:500])


def success(one: OperationSource) -> int:
    return int(min(one.definition["operation"]["responses"]))


def filled(one: OperationSource, given: dict[str, str]) -> str:
    path = one.path
    for name, value in path_values(one, given).items():
        path = path.replace(f"{{{name}}}", quote(value, safe=""))
    return path


def path_values(one: OperationSource, given: dict[str, str]) -> dict[str, str]:
    return {
        parameter["name"]: given.get(parameter["name"], parameter["example"])
        for parameter in parameters(one)
        if parameter["in"] == "path"
    }


def parameters(one: OperationSource) -> list[Any]:
    return [resolve(one.definition, each) for each in one.definition["operation"].get("parameters", [])]


def bodies(one: OperationSource) -> list[Any]:
    """The example bodies of an operation; [None] when it takes none."""
    body = one.definition["operation"].get("requestBody")
    if not body:
        return [None]
    return [example["value"] for example in body["content"]["application/json"]["examples"].values()]
