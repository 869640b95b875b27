"""How a document lets callers in: openly, by signing in, by a session, by an app's own credentials."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import orjson
import pytest
import time_machine
from django.conf import settings

from apps import services
from apps.models import ApiSession
from apps.services import create_app
from catalog import bundled
from catalog.sandbox import Call, Reply, reply
from catalog.services import publish
from tests.conftest import call_wsgi, fetch_token

ROOT = "/sandbox/doors"
IDLE = 7200
SCHEMES = {
    "oauth2": {
        "type": "oauth2",
        "flows": {"clientCredentials": {"tokenUrl": "/oauth2/token", "scopes": {"doors.read": "Reads."}}},
    },
    "session": {"type": "apiKey", "in": "cookie", "name": "door.sessionId"},
    "key": {"type": "apiKey", "in": "header", "name": "X-Door-Key"},
    "basic": {"type": "http", "scheme": "basic"},
    "portal": {"type": "apiKey", "in": "cookie", "name": settings.SESSION_COOKIE_NAME},
}
EVERY = [{"oauth2": ["doors.read"]}, {"session": []}, {"key": []}, {"basic": []}, {"portal": []}]
FORM = {"type": "object", "properties": {"user": {"type": "string"}, "password": {"type": "string"}}}


def form(media_type: str) -> dict[str, Any]:
    return {"content": {media_type: {"schema": FORM}}}


def operation(name: str, security: Any, sandbox: Any = None, **more: Any) -> dict[str, Any]:
    content = {"text/csv": {"example": "a,b\n1,2\n"}}
    answers = {"200": {"description": "Done", "content": content}}
    own = {"operationId": name, "security": security, "responses": answers}
    return {**own, **({"x-sandbox": sandbox} if sandbox else {}), **more}


def signs_in(gives: str, **more: Any) -> dict[str, Any]:
    places = {"client": ["body.user", "query.user"], "secret": ["body.password", "query.password"]}
    return {"handler": "enter", "signIn": {**places, "gives": gives, "seconds": IDLE, **more}}


DOCUMENT = {
    "openapi": "3.1.0",
    "info": {"title": "Doors", "version": "1"},
    "x-sandbox": {"collections": {"things": {}}, "codes": {"invalidClient": "invalid_client"}},
    "components": {"securitySchemes": SCHEMES},
    "paths": {
        "/things": {"get": operation("things", EVERY, {"handler": "who"})},
        "/bearer-only": {"get": operation("bearerOnly", [{"oauth2": []}], {"handler": "who"})},
        "/open": {"get": operation("open", [], {"handler": "who"})},
        "/example": {"get": operation("example", [])},
        "/session": {
            "post": operation("signIn", [], signs_in("session"), requestBody=form("application/json")),
            "get": operation(
                "session",
                [{}, {"session": []}],
                signs_in("session"),
                parameters=[{"name": name, "in": "query", "schema": {}} for name in ("user", "password")],
            ),
            "delete": operation("signOut", EVERY, {"handler": "who", "signOut": True}),
        },
        "/realms/{realm}/token": {
            "post": operation(
                "token",
                [],
                signs_in("token", realm="path.realm"),
                requestBody=form("application/x-www-form-urlencoded"),
                parameters=[{"name": "realm", "in": "path", "required": True, "schema": {"type": "string"}}],
            )
        },
    },
}


def who(call: Call) -> Reply:
    return reply({"app": call.caller and call.caller.public_id})


def enter(call: Call) -> Reply:
    assert call.signed_in
    assert call.caller
    given = call.signed_in
    told = {"credential": given.credential, "isNew": given.is_new, "scope": given.scope}
    return reply({**told, "seconds": given.seconds, "tenant": call.caller.tenant})


@pytest.fixture
def doors(db: Any, monkeypatch: Any) -> Any:
    handlers = SimpleNamespace(who=who, enter=enter)
    monkeypatch.setattr(bundled, "module", lambda slug, name: handlers if name == "handlers" else None)
    return publish(slug="doors", source=orjson.dumps(DOCUMENT), guides=[], by=None)


@pytest.fixture
def issued(doors: Any, ada: Any) -> Any:
    return create_app(name="Client", description="", by=ada)


@pytest.fixture
def session(gateway: Any, issued: Any) -> str:
    answer = gateway("POST", ROOT + "/session", body={"user": issued.client_id, "password": issued.secret})
    assert answer.status == 200, answer.body
    return str(answer.json["credential"])


def with_cookie(session: str) -> dict[str, str]:
    return {"Cookie": f"other=1; door.sessionId={session}"}


def basic(client_id: str, secret: str) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"{client_id}:{secret}".encode()).decode()}


def test_an_open_operation_needs_nothing_but_knows_who_shows_something(gateway, issued, session):
    assert gateway("GET", ROOT + "/example").status == 200
    assert gateway("GET", ROOT + "/open").status == 401  # its handler works on a tenant's data
    known = gateway("GET", ROOT + "/open", token=fetch_token(issued))
    assert (known.status, known.json) == (200, {"app": issued.app.public_id})
    assert gateway("GET", ROOT + "/example", token="nonsense").status == 200


def test_where_a_document_says_nothing_nothing_is_open(gateway, db):
    silent = {**DOCUMENT, "paths": {"/silent": {"get": {"operationId": "silent"}}}}
    publish(slug="silent", source=orjson.dumps(silent), guides=[], by=None)

    assert gateway("GET", "/sandbox/silent/silent").status == 401


def test_open_in_the_sandbox_is_not_open_live(gateway, doors):
    assert gateway("GET", "/live/doors/example").status == 401


def test_open_calls_are_limited_by_address_and_metered_to_nobody(gateway, doors, valkey):
    statuses = [gateway("GET", ROOT + "/example").status for _ in range(112)]

    assert statuses == [200] * 110 + [429] * 2
    assert valkey.xlen("usage:calls") == 0


def test_a_session_opens_its_api_by_cookie_or_header_and_is_metered(gateway, issued, session, valkey):
    before = valkey.xlen("usage:calls")
    for headers in (with_cookie(session), {"X-Door-Key": session}):
        answer = gateway("GET", ROOT + "/things", headers=headers)
        assert (answer.status, answer.json) == (200, {"app": issued.app.public_id})

    assert before == 1  # the sign-in, told of the app that signed in
    assert valkey.xlen("usage:calls") == 3
    assert session not in str(list(ApiSession.objects.values()))


def test_a_session_opens_only_operations_that_take_one(gateway, session):
    assert gateway("GET", ROOT + "/bearer-only", headers=with_cookie(session)).status == 401


def test_a_session_opens_no_other_api(gateway, workforce, session):
    assert gateway("GET", "/sandbox/workforce/v1/timeZones", token=session).status == 401


def test_a_token_is_taken_wherever_a_session_is(gateway, issued):
    token = fetch_token(issued)
    for headers in (with_cookie(token), {"X-Door-Key": token}, {"Authorization": f"Bearer {token}"}):
        assert gateway("GET", ROOT + "/things", headers=headers).status == 200


def test_a_bearer_token_comes_before_a_key(gateway, issued, session):
    headers = {"X-Door-Key": session, "Authorization": "Bearer nonsense"}
    assert gateway("GET", ROOT + "/things", headers=headers).status == 401


def test_an_app_s_own_credentials_are_taken_where_basic_is_declared(gateway, issued):
    good, bad = basic(issued.client_id, issued.secret), basic(issued.client_id, "wdps_live_no")
    assert [gateway("GET", ROOT + "/things", headers=good).status for _ in range(2)] == [200, 200]
    assert gateway("GET", ROOT + "/bearer-only", headers=good).status == 401

    refused = gateway("GET", ROOT + "/things", headers=bad)
    challenges = [value for name, value in refused.pairs if name == "www-authenticate"]
    assert (refused.status, [one.split()[0] for one in challenges]) == (401, ["Bearer", "Basic"])
    for broken in ("Basic", "Basic ?", "Basic " + base64.b64encode(b"no colon").decode()):
        assert gateway("GET", ROOT + "/things", headers={"Authorization": broken}).status == 401


def test_guessing_with_basic_is_slowed_down(gateway, issued):
    statuses = [
        gateway("GET", ROOT + "/things", headers=basic(issued.client_id, f"guess-{n}")).status
        for n in range(22)
    ]
    assert statuses == [401] * 20 + [429] * 2


def test_the_portal_s_own_cookie_opens_nothing(client, gateway, issued, session, ada):
    client.force_login(ada)
    cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
    for value in (cookie, session, fetch_token(issued)):
        headers = {"Cookie": f"{settings.SESSION_COOKIE_NAME}={value}"}
        assert gateway("GET", ROOT + "/things", headers=headers).status == 401


@pytest.mark.parametrize("change", ["regenerate", "delete_app"])
@pytest.mark.parametrize("shown", ["session", "basic"])
def test_new_credentials_end_what_the_old_ones_opened(
    gateway, issued, session, ada, change, shown, django_capture_on_commit_callbacks
):
    headers = with_cookie(session) if shown == "session" else basic(issued.client_id, issued.secret)
    assert gateway("GET", ROOT + "/things", headers=headers).status == 200

    more = {"epoch": issued.app.credential_epoch} if change == "regenerate" else {}
    with django_capture_on_commit_callbacks(execute=True):
        getattr(services, change)(app=issued.app, by=ada, **more)

    assert gateway("GET", ROOT + "/things", headers=headers).status == 401
    assert ApiSession.objects.count() == 0


@pytest.fixture
def sign_out(gateway, django_capture_on_commit_callbacks):
    def call(**shown: Any) -> int:
        with django_capture_on_commit_callbacks(execute=True):
            return int(gateway("DELETE", ROOT + "/session", **shown).status)

    return call


def test_signing_out_ends_the_session_at_once_and_no_other(gateway, issued, session, sign_out):
    body = {"user": issued.client_id, "password": issued.secret}
    other = gateway("POST", ROOT + "/session", body=body).json["credential"]
    assert sign_out(headers=with_cookie(session)) == 200

    assert gateway("GET", ROOT + "/things", headers=with_cookie(session)).status == 401
    assert gateway("GET", ROOT + "/things", headers=with_cookie(other)).status == 200
    assert ApiSession.objects.count() == 1


def test_signing_out_ends_a_bearer_token_too(gateway, issued, sign_out):
    token = fetch_token(issued)
    assert sign_out(token=token) == 200
    assert gateway("GET", ROOT + "/things", token=token).status == 401


def test_a_session_lives_while_it_is_used(gateway, issued, valkey):
    start = datetime(2026, 11, 3, 12, tzinfo=UTC)
    body = {"user": issued.client_id, "password": issued.secret}
    with time_machine.travel(start, tick=False) as clock:
        session = gateway("POST", ROOT + "/session", body=body).json["credential"]
        seen = []
        for idle in (IDLE, IDLE - 1, IDLE, 10, 90, IDLE + 61):
            clock.shift(idle)
            valkey.flushall()  # whose clock we cannot turn
            seen.append(gateway("GET", ROOT + "/things", headers=with_cookie(session)).status)

    assert seen == [200, 200, 200, 200, 200, 401]


def test_expired_sessions_are_swept(gateway, session):
    from apps.tasks import sweep_tokens

    sweep_tokens()
    assert ApiSession.objects.count() == 1
    ApiSession.objects.update(expires=datetime.now(UTC) - timedelta(seconds=1))
    sweep_tokens()
    assert ApiSession.objects.count() == 0


def test_who_signs_in_is_told_of_the_session(gateway, issued, session):
    query = f"user={issued.client_id}&password={issued.secret}"
    fresh = gateway("GET", ROOT + "/session", query=query)
    again = gateway("GET", ROOT + "/session", headers=with_cookie(session))

    assert fresh.json | {"credential": ""} == {
        "credential": "",
        "isNew": True,
        "scope": "doors.read",
        "seconds": IDLE,
        "tenant": "northwind",
    }
    assert (again.json["credential"], again.json["isNew"]) == (session, False)
    assert gateway("GET", ROOT + "/session").status == 401


def test_new_credentials_count_more_than_an_old_cookie(gateway, issued, session):
    body = {"user": issued.client_id, "password": issued.secret}
    answer = gateway("POST", ROOT + "/session", body=body, headers=with_cookie("over"))
    assert (answer.status, answer.json["isNew"]) == (200, True)
    wrong = gateway("POST", ROOT + "/session", body={"user": "x"}, headers=with_cookie(session))
    assert wrong.status == 401


def test_a_realm_is_the_slug_of_the_app_s_tenant(gateway, issued, mallory):
    body = f"user={issued.client_id}&password={issued.secret}".encode()
    headers = {"Content-Type": "application/x-www-form-urlencoded"}

    good = gateway("POST", ROOT + "/realms/northwind/token", body=body, headers=headers)
    assert good.json["seconds"] == IDLE
    assert gateway("GET", ROOT + "/bearer-only", token=good.json["credential"]).status == 200
    refused = [
        gateway("POST", f"{ROOT}/realms/{realm}/token", body=body, headers=headers)
        for realm in ("contoso", "nobody")
    ]
    assert [one.status for one in refused] == [401, 401]
    told = [{**one.json, "requestId": ""} for one in refused]
    assert told[0] == told[1]
    assert told[0]["code"] == "invalid_client"


def test_wrong_secrets_at_a_sign_in_are_slowed_down(gateway, issued, valkey):
    statuses = [
        gateway("POST", ROOT + "/session", body={"user": issued.client_id, "password": f"no-{n}"}).status
        for n in range(22)
    ]
    assert statuses == [401] * 20 + [429] * 2
    assert valkey.xlen("usage:calls") == 0
    right = {"user": issued.client_id, "password": issued.secret}
    assert gateway("POST", ROOT + "/session", body=right).status == 200


@pytest.mark.parametrize("user", ["", "\0", "ä" * 300, 5, None, [], {"a": 1}, "\ud800"])
def test_odd_credentials_are_refused(gateway, doors, user):
    body = json.dumps({"user": user, "password": user}).encode()
    answer = gateway("POST", ROOT + "/session", body=body, headers={"Content-Type": "application/json"})
    assert answer.status in (400, 401)


def test_who_shows_nothing_is_not_told_what_stands_at_an_address(doors):
    from catalog.gateway.endpoint import application

    assert call_wsgi(application, "GET", ROOT + "/nothing").status == 401
    assert call_wsgi(application, "PUT", ROOT + "/example").status == 401
