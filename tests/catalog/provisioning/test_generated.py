"""Thousands of calls nobody thought of: no fault of ours, and every answer as the document says."""

from __future__ import annotations

import random
import string
from collections import Counter
from typing import Any

import pytest

from catalog.openapi.closure import resolve
from tests.catalog.client import bodies

ODD = [
    "",
    " ",
    "nothing",
    "0",
    "-1",
    "7KX2QD.101",
    "ä",
    "\U0001f600",
    "a" * 300,
    "../x",
    "%2e",
    "\u0000",
    "null",
]


class Generator:
    """Calls of one document: mostly right, sometimes a little wrong. The same seed makes the same calls."""

    def __init__(self, found: Any, seed: int) -> None:
        self.found, self.dice = found, random.Random(seed)
        self.known: dict[str, list[str]] = {}

    def learn(self, answer: Any) -> None:
        """Remembers ids and versions of answers, so that later calls name what is there."""
        for row in _rows(answer):
            if isinstance(row.get("id"), str):
                keys = self.known.setdefault(row.get("kind", ""), [])
                if row["id"] not in keys:
                    keys.append(row["id"])

    def call(self) -> tuple[str, Any, dict[str, Any], dict[str, str]]:
        key = self.dice.choice(list(self.found))
        one = self.found[key]
        path: dict[str, str] = {}
        query: dict[str, Any] = {}
        for parameter in one.definition["operation"]["parameters"]:
            if parameter["in"] == "path" and self.dice.random() < 0.5:
                path[parameter["name"]] = self._id(parameter)
            elif parameter["in"] == "query" and self.dice.random() < 0.4:
                query[parameter["name"]] = self._text(resolve(one.definition, parameter["schema"]))
        return key, self._body(one), query, path

    def _id(self, parameter: dict[str, Any]) -> str:
        if parameter["name"] == "orgId":
            return "meridian" if self.dice.random() < 0.95 else self.dice.choice(["other", "ä", "x" * 201])
        fitting = self.known.get(f"via#{parameter['name'].removesuffix('Id')}", [parameter["example"]])
        others = [key for keys in self.known.values() for key in keys]
        odd = [text for text in ODD if text.strip()]
        chance = self.dice.random()
        return self.dice.choice(fitting if chance < 0.8 else others or odd if chance < 0.9 else odd)

    def _text(self, schema: dict[str, Any]) -> str:
        if self.dice.random() < 0.15:
            return self.dice.choice(ODD)
        if "enum" in schema:
            return str(self.dice.choice(schema["enum"]))
        kinds = {"boolean": ["true", "false"], "integer": ["0", "1", "3", "99", "1000000", "9" * 18]}
        return self.dice.choice(kinds.get(schema["type"], ["Emeka Underhill", "FirstName", "x"]))

    def _body(self, one: Any) -> Any:
        [first, *_] = bodies(one)
        if first is None:
            return None
        if self.dice.random() < 0.02:
            return self.dice.choice([b"", b"{", b"[1,", b"\xff\xfe", b"null", b'"a"', b"[]"])
        if self.dice.random() < 0.5:
            return self._mutated(first)
        schema = one.definition["operation"]["requestBody"]["content"]["application/json"]["schema"]
        return self._value(schema, one.definition)

    def _mutated(self, value: Any) -> Any:
        if isinstance(value, dict):
            made = {key: self._mutated(one) for key, one in value.items() if self.dice.random() < 0.98}
            if "version" in made and self.dice.random() < 0.5:
                made["version"] = self.dice.randrange(1, 6)
            if self.dice.random() < 0.02:
                made["surprise"] = None
            return made
        if isinstance(value, list):
            return [self._mutated(one) for one in value if self.dice.random() < 0.9]
        if self.dice.random() < 0.03:
            return self.dice.choice([None, "", 0, -1, 2, 3, 10**20, 1.5, True, [], {}, *ODD])
        return value

    def _value(self, schema: Any, definition: Any) -> Any:
        shape = resolve(definition, schema)
        if "enum" in shape:
            return self.dice.choice(shape["enum"])
        if "const" in shape:
            return shape["const"]
        if shape["type"] == "object":
            required = shape.get("required", [])
            names = [name for name in shape["properties"] if name in required or self.dice.random() < 0.6]
            return {name: self._value(shape["properties"][name], definition) for name in names}
        if shape["type"] == "array":
            return [self._value(shape["items"], definition) for _ in range(self.dice.choice([0, 1, 1, 2, 3]))]
        if shape["type"] == "boolean":
            return self.dice.random() < 0.5
        if shape["type"] == "integer":
            return self.dice.choice([1, 2, 3, 4, 5, 30, 120, 2**40])
        pool = [key for keys in self.known.values() for key in keys]
        letters = "".join(self.dice.choices(string.printable + "äß漢", k=self.dice.randrange(12)))
        return self.dice.choice([*pool[:40], letters, *ODD[:6], str(self.dice.randrange(10**6))])


def _rows(value: Any) -> Any:
    if isinstance(value, dict):
        yield value
        value = list(value.values())
    if isinstance(value, list):
        for one in value:
            yield from _rows(one)


def answered(api: Any, made: Generator, count: int) -> Counter[int]:
    """So many calls by status: none is a fault of ours, each is answered as its document says."""
    seen: Counter[int] = Counter()
    for _ in range(count):
        key, body, query, path = made.call()
        answer = api.answer(key, body, query=query, **path)  # which checks it against the document
        assert answer.status < 500, (key, body, query, path)
        seen[answer.status] += 1
        if answer.status < 300 and answer.json:
            made.learn(answer.json)
    assert seen[200] > count / 4
    return seen


@pytest.mark.parametrize("count", [300, pytest.param(5_000, marks=pytest.mark.load)])
def test_generated_calls_are_answered_as_documented(api, found, count):
    seen = answered(api, Generator(found, seed=count), count)

    assert {200, 400, 404} <= set(seen)
