"""The API's own sign-in: a session for an app's client id and secret, sent back as a cookie."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlencode

import pytest
import time_machine

from apps.services import create_app, regenerate
from tests.catalog.calabrio.conftest import ROOT
from tests.conftest import fetch_token

SIGN_IN = ROOT + "/api/rest/authorize"
GROUPS = ROOT + "/api/rest/org/group/"
TWO_HOURS = 7200
JSON = {"Content-Type": "application/json"}


@pytest.fixture
def issued(calabrio: Any, ada: Any) -> Any:
    return create_app(name="Signs in", description="", by=ada)


@pytest.fixture
def door(gateway: Any, issued: Any, found: Any, api: Any) -> Any:
    """Calls without a token, each answer checked against the document."""

    def call(operation: str, path: str, **given: Any) -> SimpleNamespace:
        answer = gateway(found[operation].method, path, **given)
        api.check(found[operation], answer)
        return answer

    return call


@pytest.fixture
def sign_in(door: Any, issued: Any) -> Any:
    def call(**body: Any) -> SimpleNamespace:
        given = {"userId": issued.client_id, "password": issued.secret, **body}
        return door("signIn", SIGN_IN, body={key: value for key, value in given.items() if value is not None})

    return call


def cookie(answer: SimpleNamespace) -> dict[str, str]:
    """As a program's cookie jar sends back what was set."""
    return {"Cookie": answer.headers["set-cookie"].partition(";")[0]}


def test_a_session_opens_calls_until_it_is_signed_out(sign_in, door, api, django_capture_on_commit_callbacks):
    opened = sign_in()
    session = opened.json["sessionId"]
    flags = f"hazelcast.sessionId={session}; Path={ROOT}; HttpOnly; SameSite=Strict"
    assert opened.headers["set-cookie"] == flags
    headers = {"Cookie": f"other=1; hazelcast.sessionId={session}"}

    groups = door("listGroups", GROUPS, headers=headers)
    assert (groups.status, groups.json) == (200, api("listGroups"))
    with django_capture_on_commit_callbacks(execute=True):
        assert door("signOut", SIGN_IN, headers=headers).status == 200
    assert door("listGroups", GROUPS, headers=headers).status == 401
    assert door("signOut", SIGN_IN, headers=headers).status == 401


def test_a_session_tells_of_the_api_user_and_what_they_see(sign_in, api):
    told = sign_in(language="de", locale="AT").json

    assert (told["firstName"], told["lastName"], told["id"]) == ("Priya", "Nand", 2)
    assert (told["teamName"], told["groupName"]) == ("Care East", "Customer Care")
    assert (told["lang"], told["country"]) == ("de", "AT")
    assert set(told["groupsInScope"]) == {row["id"] for row in api("listGroups")}
    assert 31 not in told["teamsInScope"]
    assert set(told["serviceQueuesInScope"]) == {row["id"] for row in api("listServiceQueues")}


def test_the_user_is_called_either_name(sign_in, issued):
    assert sign_in(userId=None, username=issued.client_id).status == 200
    assert sign_in(userId=None).status == 400
    assert sign_in(password=None).status == 400
    assert (sign_in(tenantId="1").status, sign_in(tenantId="2").status) == (200, 400)


@pytest.mark.parametrize("wrong", [{"password": "no"}, {"userId": "nobody"}, {"password": "\0"}])
def test_wrong_credentials_are_refused_in_the_same_words(sign_in, wrong):
    answer = sign_in(**wrong)

    assert (answer.status, answer.json["code"]) == (401, "invalidClient")
    assert answer.json["errorMessage"] == "The client is unknown, or its secret is wrong."
    assert "set-cookie" not in answer.headers


def test_reading_signs_in_by_query_and_by_body(door, issued):
    given = {"userId": issued.client_id, "password": issued.secret}
    by_query = door("readSession", SIGN_IN, query=urlencode(given | {"locale": "fr"}))
    by_body = door("readSession", SIGN_IN, body=json.dumps(given).encode(), headers=JSON)

    assert (by_query.json["lang"], by_body.json["lang"]) == ("fr", "en")
    for answer in (by_query, by_body):
        assert not {"activatedDate", "groupsInScope", "teamsInScope"} & answer.json.keys()
        assert door("listGroups", GROUPS, headers=cookie(answer)).status == 200


def test_reading_with_a_session_opens_no_other(door, sign_in):
    opened = sign_in()
    read = door("readSession", SIGN_IN, headers=cookie(opened))

    assert read.json["sessionId"] == opened.json["sessionId"]
    assert "set-cookie" not in read.headers
    assert door("readSession", SIGN_IN).status == 401


def test_a_token_is_taken_everywhere_a_session_is(door, issued):
    token = fetch_token(issued)

    assert door("readSession", SIGN_IN, token=token).json["sessionId"] == token
    for shown in ({"token": token}, {"headers": {"Cookie": f"hazelcast.sessionId={token}"}}):
        assert door("listGroups", GROUPS, **shown).status == 200


def test_two_idle_hours_end_a_session(sign_in, door, valkey):
    with time_machine.travel(datetime(2026, 11, 3, 12, tzinfo=UTC), tick=False) as clock:
        headers = cookie(sign_in())
        seen = []
        for idle in (TWO_HOURS - 60, TWO_HOURS - 60, TWO_HOURS + 61):
            clock.shift(idle)
            valkey.flushall()  # whose clock we cannot turn
            seen.append(door("listGroups", GROUPS, headers=headers).status)

    assert seen == [200, 200, 401]


def test_a_new_secret_ends_the_sessions_of_the_old_one(
    sign_in, door, issued, ada, django_capture_on_commit_callbacks
):
    headers = cookie(sign_in())
    assert door("listGroups", GROUPS, headers=headers).status == 200
    with django_capture_on_commit_callbacks(execute=True):
        regenerate(app=issued.app, by=ada, epoch=issued.app.credential_epoch)

    assert door("listGroups", GROUPS, headers=headers).status == 401
    assert sign_in().status == 401


def test_the_data_server_is_checked_without_signing_in(door):
    answer = door("probeTenant", ROOT + "/api/rest/system/tenant")
    assert (answer.status, b"The data server stands." in answer.body) == (200, True)


def test_every_operation_but_two_takes_a_session_and_a_token(found):
    open_ones = {"signIn", "probeTenant"}
    for key, one in found.items():
        security = one.definition["operation"]["security"]
        named = {name for choice in security for name in choice}
        assert named == (set() if key in open_ones else {"oauth2", "session"}), key


def test_the_cookie_goes_over_https_alone_where_the_portal_does(sign_in, settings):
    settings.IS_TLS = True

    assert sign_in().headers["set-cookie"].endswith("; HttpOnly; SameSite=Strict; Secure")
