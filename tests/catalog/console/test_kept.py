"""What is kept of a request, who may see it, and that no credential ever is."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.utils import timezone

from apps.secrets import make
from catalog.console import services
from catalog.console.models import TestRequest, Variable
from catalog.console.redaction import GONE, clean_body, clean_text, clean_value, is_secret

SEARCH = {
    "api": "workforce",
    "operation": "searchEmployees",
    "environment": "sandbox",
    "status": 200,
    "took": 5,
}


def content(body="{}", *rows):
    return {"rows": list(rows), "type": "application/json", "body": body}


def row(place, name, value):
    return {"place": place, "name": name, "value": value, "on": True, "own": True}


def post(client, address, data):
    return client.post(address, json.dumps(data), content_type="application/json")


@pytest.fixture
def noted(client, dev, workforce):
    client.force_login(dev)
    answer = post(client, "/console/requests/", SEARCH | {"content": content()})
    return TestRequest.objects.get(pk=answer.json()["id"])


SECRETS = [
    make("secret"),
    make("token"),
    "Bearer abcdefgh12345678",
    "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==",
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.dBjftJeZ4CVP",
    "HZ0123456789ABCDEF0123456789ABCDEF",
    "ghp_1234567890abcdefghij",
    "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822c",
    "-----BEGIN RSA PRIVATE KEY-----\nMIIB\n-----END RSA PRIVATE KEY-----",
]


@pytest.mark.parametrize("secret", SECRETS, ids=range(len(SECRETS)))
def test_a_secret_is_taken_out_wherever_it_stands(client, dev, workforce, secret):
    client.force_login(dev)
    bodies = [json.dumps({"a": [{"b": secret}]}), f"x={secret}&y=1", f"<a>{secret}</a>", f"note {secret} end"]
    for body in bodies:
        rows = [row("query", "q", secret), row("header", "X-Note", secret), row("field", secret, "x")]
        answer = post(client, "/console/requests/", SEARCH | {"content": content(body, *rows)})
        assert answer.status_code == 201
    kept = "".join(TestRequest.objects.values_list("content", flat=True))

    assert secret not in kept
    assert json.dumps(secret)[1:-1] not in kept
    assert is_secret(secret)


@pytest.mark.parametrize(
    "name", ["Authorization", "X-Api-Key", "sessionId", "password", "client_secret", "Cookie"]
)
def test_what_is_named_a_secret_is_not_kept(name):
    assert clean_value(name, "short") == GONE
    assert "short" not in clean_body(json.dumps({name: "short"}))
    assert "short" not in clean_body(f"{name}=short&a=1")
    assert "short" not in clean_body(f"<x><{name}>short</{name}></x>")


@pytest.mark.parametrize(
    "text",
    [
        "E10030",
        "-1042",
        "3f2a9c1e-7b64-4d0f-9a51-2c8e6d7b9f10",
        "2026-10-01T06:00:00Z",
        "Specialists of one group",
    ],
)
def test_ordinary_values_are_kept(text):
    assert clean_text(text) == text
    assert json.loads(clean_body(json.dumps({"employeeId": text}))) == {"employeeId": text}


def test_deep_nesting_does_no_harm():
    assert clean_body("[" * 900 + "]" * 900).count("[") == 900


@pytest.mark.parametrize(
    "given", [None, [], {"rows": 1}, {"rows": [1]}, {"rows": [{"place": "x"}]}, content(7)]
)
def test_what_the_console_does_not_send_is_refused(client, dev, workforce, given):
    client.force_login(dev)

    assert post(client, "/console/requests/", SEARCH | {"content": given}).status_code == 400
    assert TestRequest.objects.count() == 0


def test_history_is_the_last_hundred(noted, dev, workforce):
    operation = workforce.operations.get(operation_id="searchEmployees")
    more = {"operation": operation, "api": "workforce", "environment": "live", "given": content()}
    for _ in range(services.HISTORY):
        last = services.note(**more, status=None, took_ms=None, by=dev)

    assert TestRequest.objects.filter(user=dev).count() == services.HISTORY
    assert not TestRequest.objects.filter(pk=noted.pk).exists()
    assert TestRequest.objects.filter(pk=last.pk, environment="live").exists()


def test_old_history_ends_and_saved_requests_stay(noted, dev):
    saved = services.save(request=noted, name="Mine", by=dev)
    TestRequest.objects.update(at=timezone.now() - timedelta(days=services.HISTORY_DAYS + 1))

    assert services.end_old_history() == 1
    assert list(TestRequest.objects.values_list("pk", flat=True)) == [saved.pk]


def test_a_saved_request_is_renamed_shared_and_no_longer_shared(client, noted, dev, vic, mallory):
    address = f"/console/requests/{noted.pk}/"
    saved = post(client, address, {"do": "save", "name": " My  search "}).json()
    address = f"/console/requests/{saved['id']}/"
    assert saved["name"] == "My search"
    assert (
        post(client, f"/console/requests/{noted.pk}/", {"do": "save", "name": "My search"}).status_code == 400
    )
    assert post(client, address, {"do": "save", "name": "Other"}).json()["name"] == "Other"
    link = post(client, address, {"do": "share"}).json()["link"]
    panel = link.replace("/?", "/console/?").split("#")[0]

    client.force_login(vic)
    assert "shared by Dev Patel" in client.get(panel).content.decode()
    assert client.get(address).status_code == 404  # the row itself stays its owner's
    client.force_login(mallory)
    assert "shared by" not in client.get(panel).content.decode()
    client.force_login(dev)
    post(client, address, {"do": "unshare"})
    client.force_login(vic)
    assert "shared by" not in client.get(panel).content.decode()


def test_a_request_without_a_name_is_not_shared(client, noted):
    assert post(client, f"/console/requests/{noted.pk}/", {"do": "share"}).status_code == 400


def test_lists_show_one_s_own_and_deleting_is_for_good(client, noted, ada):
    assert "searchEmployees" in client.get("/console/requests/").content.decode()
    assert post(client, f"/console/requests/{noted.pk}/", {"do": "delete"}).json() == {}
    assert TestRequest.objects.count() == 0
    client.force_login(ada)
    assert "What you send is listed here." in client.get("/console/requests/").content.decode()


def test_variables_are_one_s_own_and_never_secrets(client, dev, ada):
    client.force_login(dev)
    assert post(client, "/console/variables/", {"name": "employeeId", "value": "-1042"}).json() == {
        "variables": {"employeeId": "-1042"}
    }
    for given in (
        {"name": "x", "value": make("token")},
        {"name": "accessToken", "value": "a"},
        {"name": "a b"},
    ):
        assert post(client, "/console/variables/", given).status_code == 400
    client.force_login(ada)
    assert client.get("/console/variables/").json() == {"variables": {}}
    client.force_login(dev)
    post(client, "/console/variables/", {"name": "employeeId", "delete": True})
    assert Variable.objects.count() == 0
