"""The gateway as client programs meet it."""

from __future__ import annotations

import pytest

SEARCH = "/sandbox/workforce/v1/search/employees"


@pytest.fixture
def token(token_for, ada):
    return token_for(ada)


def test_search_answers_from_the_sandbox(gateway, token):
    answer = gateway("POST", SEARCH, token=token, body={"maxResults": 2})

    assert answer.status == 200
    assert answer.json["totalCount"] >= 250
    assert len(answer.json["employees"]) == 2
    assert answer.headers["content-type"] == "application/json"


def test_answer_tells_the_limit_that_is_left(gateway, token):
    first = gateway("POST", SEARCH, token=token, body={})
    second = gateway("POST", SEARCH, token=token, body={})

    assert [first.headers["ratelimit-limit"], first.headers["ratelimit-remaining"]] == ["110", "109"]
    assert second.headers["ratelimit-remaining"] == "108"
    assert 0 < int(second.headers["ratelimit-reset"]) <= 60


def test_request_id_is_taken_over_or_made(gateway, token):
    assert (
        gateway("POST", SEARCH, token=token, body={}, headers={"X-Request-Id": "abc-1"}).headers[
            "x-request-id"
        ]
        == "abc-1"
    )
    assert (
        len(
            gateway("POST", SEARCH, token=token, body={}, headers={"X-Request-Id": "a\tb"}).headers[
                "x-request-id"
            ]
        )
        == 26
    )


@pytest.mark.parametrize("header", [None, "Basic abc", "Bearer nonsense", "Bearer wdpt_" + "A" * 38])
def test_without_a_valid_token_nothing_is_answered(gateway, workforce, header):
    answer = gateway("POST", SEARCH, body={}, headers={"Authorization": header} if header else {})

    assert answer.status == 401
    assert answer.headers["www-authenticate"].startswith('Bearer realm="portal"')
    assert list(answer.json) == ["errors", "requestId"]


def test_token_in_the_query_string_is_not_looked_at(gateway, token):
    assert gateway("POST", SEARCH, body={}, query=f"access_token={token}").status == 401


def test_scope_is_needed(gateway, token_for, ada):
    token = token_for(ada, scope="workforce.employees.write")
    answer = gateway("POST", SEARCH, token=token, body={})

    assert answer.status == 403
    assert 'scope="workforce.employees.read"' in answer.headers["www-authenticate"]


def test_unknown_addresses_and_methods(gateway, token):
    assert gateway("GET", "/sandbox/nothing/v1/x", token=token).status == 404
    assert gateway("GET", "/sandbox/workforce/v1/nothing", token=token).status == 404
    wrong_method = gateway("GET", SEARCH, token=token)
    assert (wrong_method.status, wrong_method.headers["allow"]) == (405, "POST")


def test_live_without_an_upstream_is_a_404(gateway, token):
    assert gateway("POST", "/live/workforce/v1/search/employees", token=token, body={}).status == 404


@pytest.mark.parametrize(
    ("body", "field", "rule"),
    [
        ({"maxResults": "many"}, "body.maxResults", "type"),
        ({"maxResults": 0}, "body.maxResults", "minimum"),
        ({"nothing": 1}, "body", "additionalProperties"),
        (b"{not json", "body", "json"),
        (b'{"maxResults": NaN}', "body", "json"),
        (b"", "body", "required"),
    ],
)
def test_request_is_checked_against_the_document(gateway, token, body, field, rule):
    answer = gateway("POST", SEARCH, token=token, body=body, headers={"Content-Type": "application/json"})

    assert answer.status == 400
    assert (answer.json["errors"][0]["field"], answer.json["errors"][0]["rule"]) == (field, rule)


def test_body_of_another_type_is_a_415(gateway, token):
    assert (
        gateway("POST", SEARCH, token=token, body=b"a=b", headers={"Content-Type": "text/plain"}).status
        == 415
    )


def test_limit_is_exact_and_each_operation_has_its_own(gateway, token_for, ada):
    token = token_for(ada)
    statuses = [gateway("POST", SEARCH, token=token, body={"maxResults": 1}).status for _ in range(112)]

    assert statuses == [200] * 110 + [429] * 2
    refused = gateway("POST", SEARCH, token=token, body={})
    assert 0 < int(refused.headers["retry-after"]) <= 60
    assert gateway("GET", "/sandbox/workforce/v1/employeeExtraFields", token=token).status == 200


def test_head_is_a_get_without_a_body(gateway, token):
    answer = gateway("HEAD", "/sandbox/workforce/v1/employeeExtraFields", token=token)

    assert (answer.status, answer.body) == (200, b"")


def test_two_tenants_have_their_own_data(gateway, token_for, ada, mallory):
    ours, theirs = token_for(ada), token_for(mallory)
    body = {"employees": [{"id": "-1042", "firstName": "Changed"}]}
    assert gateway("PUT", "/sandbox/workforce/v1/employees", token=ours, body=body).status == 200

    find = {"employeeSelector": {"employeeFilter": {"employeeIds": ["-1042"]}}}
    assert gateway("POST", SEARCH, token=ours, body=find).json["employees"][0]["firstName"] == "Changed"
    assert gateway("POST", SEARCH, token=theirs, body=find).json["employees"][0]["firstName"] != "Changed"


def test_suspended_tenant_is_out_at_the_next_call(gateway, token, northwind, valkey):
    assert gateway("POST", SEARCH, token=token, body={}).status == 200
    northwind.is_active = False
    northwind.save()
    valkey.flushall()  # what the lease's end brings within two seconds

    assert gateway("POST", SEARCH, token=token, body={}).status == 401


def test_every_call_of_a_known_app_is_metered(gateway, token, valkey):
    gateway("POST", SEARCH, token=token, body={})
    gateway("POST", SEARCH, token=token, body={"maxResults": 0})
    gateway("POST", SEARCH, body={})

    assert valkey.xlen("usage:calls") == 2


@pytest.mark.parametrize("number", [b"2.0", b"2e0", b"20E-1"])
def test_a_whole_number_may_be_written_in_any_way(gateway, token, number):
    body = b'{"maxResults": ' + number + b', "startIndex": 0.0}'
    answer = gateway("POST", SEARCH, token=token, body=body, headers={"Content-Type": "application/json"})

    assert (answer.status, len(answer.json["employees"])) == (200, 2)


def test_a_body_nested_too_deeply_is_a_fault_of_its_sender(gateway, token):
    body = b"[" * 1000 + b"1e0" + b"]" * 1000
    answer = gateway("POST", SEARCH, token=token, body=body, headers={"Content-Type": "application/json"})

    assert answer.status == 400
