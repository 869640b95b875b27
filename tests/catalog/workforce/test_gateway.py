"""Every operation through the real gateway: examples, each documented refusal, calls nobody thought of."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from apps.services import create_app
from catalog.openapi.closure import resolve
from catalog.services import publish
from tests.catalog.client import Client, bodies, parameters, success
from tests.catalog.provisioning.test_generated import ODD, Generator, answered
from tests.conftest import fetch_token

ROOT = "/sandbox/workforce"
PAGED = {"getIdpForecasts": "searchIdpForecasts", "getIdpDetails": "searchIdpDetails"}
PAGED |= {"getIdpStaffGroups": "searchIdpStaffGroups"}


@pytest.fixture
def published(db: Any, document: Any) -> Any:
    """The document with a limit that no test meets by accident."""

    def with_limit(calls: int) -> None:
        source = orjson.dumps({**document, "x-rate-limit": {"limit": calls, "window": 60}})
        publish(slug="workforce", source=source, guides=[], by=None)

    with_limit(1_000_000)
    return with_limit


@pytest.fixture
def client_of(published: Any, found: Any, validators: Any) -> Any:
    def make(person: Any, *, scope: str = "") -> Client:
        token = fetch_token(create_app(name=scope or "Client", description="", by=person), scope=scope)
        return Client(ROOT, found, validators, token)

    return make


@pytest.fixture
def api(client_of: Any, ada: Any) -> Client:
    return client_of(ada)


def query_of(api: Client, operation: str) -> dict[str, Any]:
    """What an operation needs in its query: the id of a search made just now."""
    search = PAGED.get(operation)
    return {"searchId": api(search, bodies(api.found[search])[0])["searchId"]} if search else {}


def test_every_example_is_answered_as_documented(api, found):
    for key, one in found.items():
        for body in bodies(one):
            answer = api.answer(key, body, query=query_of(api, key))
            assert answer.status == success(one) == 200, (key, answer.body)


def test_what_does_not_fit_is_a_400_that_names_the_place(api, found):
    wrong_types = 0
    for key, one in found.items():
        [body, *_] = bodies(one)
        if body is not None:
            answer = api.answer(key, {**body, "surprise": 1})
        else:
            wrong = next(
                (p["name"] for p in parameters(one) if p["in"] == "query" and p["name"] != "names"), None
            )
            if wrong is None:  # takes nothing
                continue
            answer = api.answer(key, query={"searchId": "x", **dict.fromkeys(["startIndex", wrong], "-x")})
        wrong_types += 1
        assert answer.status == 400, (key, answer.body)
        assert answer.json["errors"][0]["field"], key
    assert wrong_types > 44


def test_without_a_token_and_with_another_scope_nothing_is_told(api, client_of, ada, found):
    scopes = {key: one.definition["operation"]["security"][0] for key, one in found.items()}
    every = {scope for one in scopes.values() for given in one.values() for scope in given}
    clients = {scope: client_of(ada, scope=scope) for scope in sorted(every)}
    for key, one in found.items():
        needed = {scope for given in scopes[key].values() for scope in given}
        [body, *_] = bodies(one)
        assert api.answer(key, body, headers={"Authorization": ""}).status == 401, key
        other = next(client for scope, client in clients.items() if scope not in needed)
        assert other.answer(key, body, query={"searchId": "x"}).status == 403, key


def test_what_leads_nowhere_or_has_expired_is_told(api, found):
    from catalog.sandbox import state

    documented = {key for key, one in found.items() if "404" in one.definition["operation"]["responses"]}
    assert documented == {"searchIdp", *PAGED}
    assert api.answer("searchIdp", bodies(found["searchIdp"])[0], id="999999999").status == 404
    for key in PAGED:
        assert api.answer(key, query={"searchId": "0123456789abcdef" * 2}).status == 404, key
        query = query_of(api, key)
        _age_searches()
        state.forget()
        assert api.answer(key, query=query).status == 410, key


def _age_searches() -> None:
    """As if the kept searches had been made long ago."""
    from catalog.models import SandboxRow

    for row in SandboxRow.objects.filter(api="workforce", collection="idpSearches"):
        row.data = orjson.dumps({**orjson.loads(row.data), "created": "2020-01-01T00:00:00+00:00"}).decode()
        row.save()


def test_the_limit_answers_429(api, found, published):
    published(1)
    for key, one in found.items():
        [body, *_] = bodies(one)
        api.answer(key, body, query={"searchId": "x"})
        answer = api.answer(key, body, query={"searchId": "x"})
        assert (answer.status, "retry-after" in answer.headers) == (429, True), key


def test_every_documented_answer_can_be_asked_for(api, found):
    asked = 0
    for key, one in found.items():
        for status in one.definition["operation"]["responses"]:
            answer = api.answer(
                key, bodies(one)[0], headers={"Prefer": f"code={status}"}, query={"searchId": "x"}
            )
            assert answer.status == int(status), (key, status)
            asked += 1
    assert asked == 8 * 48 + 7


class Calls(Generator):
    """As for the other document; here searches are paged by the id they told, and schemas have choices."""

    def learn(self, answer: Any) -> None:
        super().learn(answer)
        if "searchId" in answer:
            self.known.setdefault("searchId", []).append(answer["searchId"])

    def call(self) -> tuple[str, Any, dict[str, Any], dict[str, str]]:
        key = self.dice.choice(list(self.found))
        one = self.found[key]
        path: dict[str, str] = {}
        query: dict[str, Any] = {}
        for parameter in parameters(one):
            if parameter["name"] == "searchId":
                query["searchId"] = self._id(parameter)
            elif parameter["in"] == "path" and self.dice.random() < 0.5:
                path[parameter["name"]] = self._id(parameter)
            elif parameter["in"] == "query" and self.dice.random() < 0.4:
                query[parameter["name"]] = self._text(self._shape(parameter["schema"], one.definition))
        return key, self._body(one), query, path

    def _id(self, parameter: dict[str, Any]) -> str:
        known = self.known.get("searchId", []) if parameter["name"] == "searchId" else []
        odd = [text for text in ODD if text.strip()]
        return self.dice.choice([parameter["example"], *known[-5:]] if self.dice.random() < 0.8 else odd)

    def _shape(self, schema: Any, definition: Any) -> dict[str, Any]:
        """One of the choices, with one type."""
        shape = dict(resolve(definition, schema))
        for word in ("oneOf", "anyOf"):
            if choices := shape.pop(word, None):
                return shape | self._shape(self.dice.choice(choices), definition)
        for part in shape.pop("allOf", []):
            shape |= self._shape(part, definition)
        kind = shape.get("type", "string")
        return shape | {"type": self.dice.choice(kind) if isinstance(kind, list) else kind}

    def _value(self, schema: Any, definition: Any) -> Any:
        shape = self._shape(schema, definition)
        if "enum" in shape or shape["type"] not in ("null", "number"):
            return super()._value({"properties": {}, "items": {}, **shape}, definition)
        return None if shape["type"] == "null" else self.dice.choice([0, 0.5, -3, 7.25, 10**12])


@pytest.mark.parametrize("count", [200, pytest.param(5_000, marks=pytest.mark.load)])
def test_generated_calls_are_answered_as_documented(api, found, count):
    seen = answered(api, Calls(found, seed=count), count)

    assert {200, 400} <= set(seen)
