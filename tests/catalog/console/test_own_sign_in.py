"""APIs that ask for a key, a cookie or a password: an app's token is taken in that place, in the sandbox."""

from __future__ import annotations

import base64

import pytest


def basic(password: str) -> str:
    return "Basic " + base64.b64encode(f"anybody:{password}".encode()).decode()


GUARDED = "/sandbox/parcels/guarded"


@pytest.fixture
def token(parcels, token_for, ada):
    return token_for(ada)


def test_a_key_a_cookie_and_a_password_may_be_a_token(gateway, token):
    ways = [
        ({"X-Api-Key": token}, ""),
        ({"Cookie": f"other=1; depot.session={token}"}, ""),
        ({"Authorization": basic(token)}, ""),
        ({}, f"api_key={token}"),
    ]
    statuses = [gateway("GET", GUARDED, headers=headers, query=query).status for headers, query in ways]

    assert statuses == [200, 200, 200, 200]


@pytest.mark.parametrize("value", ["", "nonsense", "wdpt_" + "A" * 38])
def test_nothing_else_opens_it(gateway, parcels, value):
    headers = {"X-Api-Key": value, "Cookie": f"depot.session={value}", "Authorization": basic(value)}

    assert gateway("GET", GUARDED, headers=headers).status == 401


def test_a_document_without_such_a_scheme_takes_no_key(gateway, token):
    answer = gateway("POST", "/sandbox/workforce/v1/search/employees", headers={"X-Api-Key": token}, body={})

    assert answer.status == 401


def test_live_takes_no_key_in_place_of_a_token(gateway, token):
    assert gateway("GET", "/live/parcels/guarded", headers={"X-Api-Key": token}).status == 401


def test_a_script_sends_its_cookies_in_a_header_of_the_portal(gateway, token):
    cookie = f"depot.session={token}"

    assert gateway("GET", GUARDED, headers={"Portal-Cookie": cookie}).status == 200
    # It takes the place of what the browser would have added by itself.
    assert gateway("GET", GUARDED, headers={"Portal-Cookie": "", "Cookie": cookie}).status == 401


def test_a_script_can_read_the_cookies_that_are_set():
    from catalog.gateway.cookies import for_script
    from portal.wire import Reply, Request

    request = Request({"REQUEST_METHOD": "GET", "HTTP_PORTAL_COOKIE": "a=1"})
    reply = for_script(request, lambda one: Reply(204, b"", [("Set-Cookie", f"seen={one.header('Cookie')}")]))

    assert reply.headers == [("Set-Cookie", "seen=a=1"), ("Portal-Set-Cookie", "seen=a=1")]
