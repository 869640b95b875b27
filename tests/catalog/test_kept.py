"""A process keeps the operations called last, up to a size, and makes the others again."""

from __future__ import annotations

import pytest

from catalog.gateway import compiled, kept

SEARCH = "/sandbox/workforce/v1/search/employees"
FIELDS = "/sandbox/workforce/v1/employeeExtraFields"


@pytest.fixture
def operations(workforce):
    api = compiled.current("workforce")
    rows = workforce.operations.values_list("pk", "operation_id")
    return [compiled.CompiledOperation(api, pk, operation_id) for pk, operation_id in rows]


def made(operation) -> set[str]:
    return vars(operation).keys() - {"api", "pk", "operation_id"}


def test_the_operation_called_longest_ago_is_dropped(operations, monkeypatch):
    monkeypatch.setattr(kept, "MOST", 60_000)
    first, second, *others = operations
    assert first.request
    assert second.request
    for other in others:
        assert other.request
        kept.touch(first)

    assert made(first) >= {"definition", "request"}
    assert made(second) == set()
    held = [one for one in operations if made(one)]
    assert 2 <= len(held) < len(operations)
    assert sum(kept._sizes.values()) <= 60_000


def test_what_was_dropped_is_made_again(operations, monkeypatch):
    monkeypatch.setattr(kept, "MOST", 1)
    first, second, *_ = operations
    before = first.definition
    assert second.definition

    assert made(first) == set()
    assert first.definition == before
    assert made(second) == set()


def test_calls_are_answered_while_operations_come_and_go(gateway, token_for, ada, monkeypatch):
    monkeypatch.setattr(kept, "MOST", 1)
    token = token_for(ada)
    asked = [("POST", SEARCH, 1), ("GET", FIELDS, None), ("POST", SEARCH, 1), ("POST", SEARCH, "x")] * 2
    statuses = [
        gateway(method, path, token=token, **({"body": {"maxResults": most}} if most else {})).status
        for method, path, most in asked
    ]

    assert statuses == [200, 200, 200, 400] * 2
