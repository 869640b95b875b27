"""Thousands of calls nobody thought of: no fault of ours, and every answer as the document says."""

from __future__ import annotations

import random
import re
from collections import Counter
from typing import Any

import pytest

from catalog.openapi.closure import resolve
from tests.catalog.calabrio.conftest import needed, parameters, samples

ODD = [
    "",
    " ",
    "0",
    "-1",
    "7",
    "101",
    "ä",
    "\U0001f600",
    "a" * 300,
    "../x",
    "%2e",
    "null",
    "2026-06-15",
    "9" * 18,
]
VALUES = [None, "", 0, -1, 2, 3, 7, 10**20, 1.5, True, [], {}, *ODD]
RAW = [b"", b"{", b"[1,", b"\xff\xfe", b"null", b'"a"', b"[]", b"{}"]


class Generator:
    """Calls of one document: mostly right, sometimes a little wrong. The same seed makes the same calls."""

    def __init__(self, found: Any, seed: int) -> None:
        self.found, self.dice = found, random.Random(seed)

    def call(self) -> tuple[str, tuple[str, Any], dict[str, Any], dict[str, Any]]:
        key = self.dice.choice([key for key in self.found if key != "signOut"])  # it ends our own token
        one = self.found[key]
        query = {name: value for name, value in needed(one).items() if self.dice.random() < 0.97}
        for entry in parameters(one, "query"):
            if self.dice.random() < 0.2:
                query[entry["name"]] = self._text(resolve(one.definition, entry["schema"]))
        path = {
            entry["name"]: self.dice.choice([text for text in ODD if text.strip(" .")])
            for entry in parameters(one, "path")
            if self.dice.random() < 0.25
        }
        return key, self._body(one), query, path

    def _text(self, schema: dict[str, Any]) -> Any:
        if self.dice.random() < 0.2:
            return self.dice.choice(ODD)
        if "enum" in schema:
            return self.dice.choice(schema["enum"])
        kinds = {"boolean": ["true", "false"], "integer": [0, 1, 6, 101, 501, 1_781_528_400_000]}
        if schema.get("format") == "date":
            return self.dice.choice(["2026-06-15", "2026-06-16", "0001-01-01", "9999-12-31", "2026-02-30"])
        return self.dice.choice(
            kinds.get(schema.get("type", ""), ["6*", "orderNumber~contains~7", "08:00:00", "x"])
        )

    def _body(self, one: Any) -> tuple[str, Any]:
        """Media type and body."""
        kind, body = self.dice.choice(samples(one))
        if body is None or self.dice.random() < 0.02:
            return kind, self.dice.choice(RAW) if self.dice.random() < 0.3 else None
        if self.dice.random() < 0.4:
            return kind, body
        if isinstance(body, bytes):
            return kind, self._torn(body) if self.dice.random() < 0.2 else self._cells(body)
        return kind, self._mutated(body)

    def _cells(self, body: bytes) -> bytes:
        """A form or a table with other words in some of its cells."""
        words = re.split(rb"([,\r\n]+)", body)
        odd = [text.encode("utf-8", "surrogatepass") for text in ODD]
        return b"".join(
            self.dice.choice(odd) if word.isalnum() and self.dice.random() < 0.1 else word for word in words
        )

    def _torn(self, body: bytes) -> bytes:
        """Cut off, doubled, or with a byte of another kind in it."""
        at = self.dice.randrange(len(body))
        return self.dice.choice([body[:at], body + body[at:], body[:at] + b"\xff" + body[at:]])

    def _mutated(self, value: Any) -> Any:
        if isinstance(value, dict):
            return {key: self._mutated(one) for key, one in value.items() if self.dice.random() < 0.98}
        if isinstance(value, list):
            return [self._mutated(one) for one in value if self.dice.random() < 0.9]
        return self.dice.choice(VALUES) if self.dice.random() < 0.05 else value


@pytest.mark.parametrize("count", [200, pytest.param(5_000, marks=pytest.mark.load)])
def test_generated_calls_are_answered_as_documented(api, found, count):
    made = Generator(found, seed=count)
    seen, kinds = Counter[int](), Counter[str]()
    for _ in range(count):
        key, (kind, body), query, path = made.call()
        answer = api.answer(key, body, media_type=kind, query=query, **path)  # checked against the document
        assert answer.status < 500, (key, body, query, path)
        seen[answer.status] += 1
        kinds[kind.partition(";")[0]] += answer.status == 200

    assert sum(seen.values()) == count
    assert seen[200] > count / 4
    assert {200, 400, 404} <= set(seen)
    assert {"application/json", "multipart/form-data"} <= {kind for kind, good in kinds.items() if good}
