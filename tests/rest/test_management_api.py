"""/api/v1/: who may call, how it refuses, and what it says of usage."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine
import yaml
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import URLPattern, URLResolver, get_resolver

from portal.rest import throttle
from portal.rest.door import TenantAPI
from tests.usage.conftest import app_of, call_of, own_spool  # noqa: F401 - fixtures
from usage.models import RequestLog
from usage.recorder import record
from usage.roll_up import roll_up

NOW = datetime(2026, 10, 7, 16, 0, tzinfo=UTC)


def views(patterns: list[Any], prefix: str = "") -> list[tuple[str, Any]]:
    found = []
    for entry in patterns:
        if isinstance(entry, URLResolver):
            found += views(entry.url_patterns, prefix + str(entry.pattern))
        elif isinstance(entry, URLPattern) and prefix.startswith("api/v1/"):
            found.append((f"/{prefix}{entry.pattern}", getattr(entry.callback, "cls", None)))
    return found


API = [(address, view) for address, view in views(get_resolver().url_patterns) if view]


@pytest.fixture
def called(ada: Any, mallory: Any, request: Any) -> dict[str, Any]:
    make, call = request.getfixturevalue("app_of"), request.getfixturevalue("call_of")
    apps = {"payroll": make(ada, "Payroll"), "rota": make(ada, "Rota"), "theirs": make(mallory, "canary")}
    for name, count in (("payroll", 3), ("rota", 2), ("theirs", 9)):
        for number in range(count):
            record(call(apps[name], at=NOW.timestamp() - number, operation=f"{name}Op{number % 2}"))
    roll_up()
    return apps


@pytest.fixture
def noon() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


def test_every_view_is_a_tenants(db: Any) -> None:
    own = [view for address, view in API if "schema" not in address]
    assert own
    assert all(issubclass(view, TenantAPI) for view in own)


@pytest.mark.parametrize("method", ["get", "post", "put", "patch", "delete"])
@pytest.mark.parametrize("address", [address for address, _ in API if "schema" not in address])
@pytest.mark.parametrize("token", [None, "Bearer wdpt_nonsense", "Bearer ", "Basic eDp5", "Bearer a b"])
def test_nobody_gets_a_problem_not_a_page(
    client: Any, db: Any, address: str, method: str, token: str
) -> None:
    headers = {"Authorization": token} if token else {}
    answer = getattr(client, method)(address, headers=headers)

    assert answer.status_code == 401
    assert answer["Content-Type"] == "application/problem+json"
    assert answer["WWW-Authenticate"] == 'Bearer realm="portal"'
    assert answer.json()["requestId"] == answer["X-Request-Id"]


def test_a_wrong_address_is_a_problem_too(client: Any, db: Any) -> None:
    answer = client.get("/api/v1/nothing/here/")

    assert (answer.status_code, answer["Content-Type"]) == (404, "application/problem+json")
    assert answer.json()["title"] == "Not Found"


def test_a_person_reads_the_figures_of_the_dashboard(noon: Any, client: Any, vic: Any, called: Any) -> None:
    client.force_login(vic)
    document = client.get("/api/v1/usage/").json()

    assert (document["from"], document["to"], document["unit"]) == ("2026-10-05", "2026-10-11", "day")
    assert document["compared_with"] == {"from": "2026-09-28", "to": "2026-09-30"}
    assert [(line["name"], line["calls"]) for line in document["results"]] == [("Payroll", 3), ("Rota", 2)]
    assert document["results"][0]["ref"] == called["payroll"].public_id
    assert document["results"][0]["series"]["2026-10-07"] == 3
    assert document["total"]["calls"] == 5
    assert "canary" not in str(document)


def test_pages_lead_on_and_repeat_nothing(noon: Any, client: Any, vic: Any, called: Any) -> None:
    client.force_login(vic)
    for address, key in (
        ("/api/v1/usage/?by=endpoint&limit=1", "ref"),
        ("/api/v1/usage/requests/?limit=2", "event"),
    ):
        seen, following = [], address
        while following:
            document = client.get(following).json()
            seen += [one[key] for one in document["results"]]
            following = document["next"]
        assert len(seen) == len(set(seen)) == (4 if key == "ref" else 5)


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("by=tenant", "by"),
        ("period=decade", "period"),
        ("on=yesterday", "on"),
        ("endpoint=x", "endpoint"),
        ("limit=0", "limit"),
        ("limit=9999999999", "limit"),
        ("cursor=x", "cursor"),
        ("cursor=W10=", "cursor"),
        ("environment=moon", "environment"),
    ],
)
def test_what_cannot_be_read_is_named(client: Any, vic: Any, query: str, field: str) -> None:
    client.force_login(vic)
    answer = client.get(f"/api/v1/usage/?{query}")

    assert (answer.status_code, list(answer.json()["errors"])) == (400, [field])


def test_an_app_of_somebody_else_is_not_found(client: Any, vic: Any, called: Any) -> None:
    client.force_login(vic)
    for address in ("/api/v1/usage/", "/api/v1/usage/requests/"):
        answer = client.get(address, {"app": called["theirs"].public_id})
        assert (answer.status_code, answer["Content-Type"]) == (404, "application/problem+json")


def test_an_apps_token_reads_its_own_calls_alone(
    client: Any, ada: Any, token_for: Any, gateway: Any, called: Any
) -> None:
    token = token_for(ada, name="Client")
    for _ in range(3):
        gateway("POST", "/sandbox/workforce/v1/search/employees", token=token, body={})
    roll_up()
    headers = {"Authorization": f"Bearer {token}"}
    own = client.get("/api/v1/usage/?by=endpoint", headers=headers).json()
    calls = client.get("/api/v1/usage/requests/", headers=headers).json()["results"]
    others = client.get(f"/api/v1/usage/?app={called['rota'].public_id}", headers=headers).json()

    assert [(line["ref"], line["calls"]) for line in own["results"]] == [("workforce/searchEmployees", 3)]
    assert len(calls) == 3
    assert {call["status"] for call in calls} == {200}
    assert [line["name"] for line in others["results"]] == ["Client"]


def test_a_log_line_is_found_by_its_request_id(noon: Any, client: Any, vic: Any, called: Any) -> None:
    RequestLog.objects.filter(app=called["rota"]).update(request_id="find-me")
    client.force_login(vic)
    found = client.get("/api/v1/usage/requests/?request_id=find-me").json()["results"]

    assert [call["app"] for call in found] == [called["rota"].public_id] * 2
    assert client.get("/api/v1/usage/requests/?status=9").status_code == 400


def test_a_caller_who_asks_too_often_waits(client: Any, vic: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(throttle, "CALLS", 2)
    client.force_login(vic)
    answers = [client.get("/api/v1/usage/") for _ in range(3)]

    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert 1 <= int(answers[2]["Retry-After"]) <= 60
    assert answers[2]["Content-Type"] == "application/problem+json"


def test_the_cost_does_not_follow_the_lines(noon: Any, client: Any, vic: Any, called: Any) -> None:
    client.force_login(vic)
    for address, most in (("/api/v1/usage/", 7), ("/api/v1/usage/requests/", 4)):
        with CaptureQueriesContext(connection) as asked:
            client.get(address)
        assert len(asked) <= most


def test_the_schema_describes_it(client: Any, db: Any, capsys: pytest.CaptureFixture[str]) -> None:
    answer = client.get("/api/v1/schema/")
    document = yaml.safe_load(answer.content)

    assert document["openapi"].startswith("3.1")
    assert set(document["paths"]) == {"/api/v1/usage/", "/api/v1/usage/requests/"}
    assert set(document["components"]["securitySchemes"]) == {"appToken", "session"}
    names = {one["name"] for one in document["paths"]["/api/v1/usage/"]["get"]["parameters"]}
    assert {"from", "to", "by", "cursor", "endpoint"} <= names
    assert "Warning" not in capsys.readouterr().err
