"""The gateway with Valkey gone: calls go on, limits stay bounded, every call is counted once it is back."""

from __future__ import annotations

import pytest

from portal import valkey as portal_valkey

SEARCH = "/sandbox/workforce/v1/search/employees"


@pytest.fixture
def token(token_for, ada):
    return token_for(ada)


@pytest.fixture
def without_valkey(settings, token):
    """The address of a server that is not there, after the token was issued."""

    def leave():
        portal_valkey.hang_up()
        settings.REDIS_URL = "unix:///nonexistent/valkey.sock"

    yield leave
    portal_valkey.hang_up()


def test_calls_are_answered_and_limited_without_valkey(gateway, token, without_valkey):
    assert gateway("POST", SEARCH, token=token, body={"maxResults": 1}).status == 200
    without_valkey()

    statuses = [gateway("POST", SEARCH, token=token, body={"maxResults": 1}).status for _ in range(115)]

    assert statuses == [200] * 110 + [429] * 5


def test_dead_credentials_are_refused_without_valkey(gateway, token, without_valkey, ada):
    from apps.models import App
    from apps.services import delete_app

    assert gateway("POST", SEARCH, token=token, body={}).status == 200
    without_valkey()
    delete_app(app=App.objects.get(), by=ada)

    assert gateway("POST", SEARCH, token=token, body={}).status == 401


def test_calls_made_without_valkey_are_counted_when_it_is_back(
    gateway, token, without_valkey, settings, valkey
):
    from usage import spool

    address = settings.REDIS_URL
    without_valkey()
    for _ in range(7):
        assert gateway("POST", SEARCH, token=token, body={"maxResults": 1}).status == 200
    settings.REDIS_URL = address
    portal_valkey.hang_up()
    spool.drain()

    assert valkey.xlen("usage:calls") == 7


def test_an_answer_worked_out_ahead_does_not_leave_after_the_data_changed(gateway, token, valkey, northwind):
    """Another process writes: what this one has in memory is one version behind."""
    from catalog.sandbox.state import _kept

    find = {"employeeSelector": {"employeeFilter": {"employeeIds": ["-1042"]}}}
    before = gateway("POST", SEARCH, token=token, body=find).json["employees"][0]
    behind = dict(_kept)
    change = {"employees": [{"id": "-1042", "firstName": "Changed"}]}
    assert gateway("PUT", "/sandbox/workforce/v1/employees", token=token, body=change).status == 200
    _kept.update(behind)

    after = gateway("POST", SEARCH, token=token, body=find).json["employees"][0]

    assert before["firstName"] != after["firstName"] == "Changed"


def test_a_preferred_answer_is_given(gateway, token):
    asked = gateway("POST", SEARCH, token=token, body={}, headers={"Prefer": "code=429"})
    assert (asked.status, asked.headers["preference-applied"]) == (429, "code=429")
    assert gateway("POST", SEARCH, token=token, body={}, headers={"Prefer": "code=9"}).status == 400


def test_a_deprecated_operation_says_so_on_every_answer(gateway, token_for, ada, workforce):
    from catalog.services import publish

    source = b"""{"openapi": "3.1.0", "info": {"title": "Old", "version": "1"}, "paths": {"/x": {"get": {
      "operationId": "x", "deprecated": true, "x-sunset": "2027-01-01T00:00:00Z",
      "responses": {"200": {"description": "", "content": {"application/json": {"example": {"a": 1}}}}}}}}}"""
    publish(slug="old", source=source, by=None)
    token = token_for(ada)

    for _ in range(2):
        answer = gateway("GET", "/sandbox/old/x", token=token)
        assert (answer.status, answer.json) == (200, {"a": 1})
        assert answer.headers["deprecation"].startswith("@")
        assert answer.headers["sunset"] == "Fri, 01 Jan 2027 00:00:00 GMT"
    assert "deprecation" not in gateway("POST", SEARCH, token=token, body={}).headers
