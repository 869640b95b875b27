"""What crosses to an upstream and what comes back."""

from __future__ import annotations

import json
import threading
import time

import pytest

from tests.catalog.live.conftest import say
from tests.catalog.live.faults import FAULTS

SEARCH = "/live/workforce/v1/search/employees"
PAGE = {"maxResults": 2}


@pytest.fixture
def token(token_for, ada):
    return token_for(ada)


def test_without_an_upstream_there_is_a_problem_that_says_what_to_do(gateway, token):
    answer = gateway("POST", SEARCH, token=token, body=PAGE)

    assert answer.status == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert "/sandbox/" in answer.json["detail"]


def test_a_call_is_carried_over_and_back(gateway, token, live, far):
    far.answer = lambda one: say(one, 201, b'{"employees": []}', Content_Type="application/json", X_Own="1")
    live(far.url + "/base")
    answer = gateway("POST", SEARCH, token=token, body=PAGE, query="", headers={"X-Request-Id": "mine-1"})

    assert (answer.status, answer.json) == (201, {"employees": []})
    assert answer.headers["x-own"] == "1"
    assert answer.headers["x-request-id"] == "mine-1"
    assert answer.headers["ratelimit-limit"] == "110"
    [seen] = far.seen
    assert (seen["method"], seen["path"]) == ("POST", "/base/v1/search/employees")
    assert json.loads(seen["body"]) == PAGE
    assert dict(seen["headers"])["x-request-id"] == "mine-1"


def test_neither_credentials_nor_hop_by_hop_headers_cross(gateway, token, live, far):
    live(far.url)
    names = (
        "Cookie Connection Keep-Alive Proxy-Authorization Proxy-Connection TE Trailer Upgrade Via "
        "Forwarded X-Forwarded-For X-Forwarded-Host X-Forwarded-Proto X-Forwarded-Port X-Real-Ip "
        "X-Client-Ip True-Client-Ip X-Original-Url X-Rewrite-Url Origin Referer Sec-Fetch-Site "
        "Portal-Cookie Max-Forwards X-Http-Method-Override Http2-Settings"
    )
    kept_back = dict.fromkeys([*names.split(), "X-Named-Canary"], "canary")
    kept_back |= {"Connection": "close, X-Named-Canary", "X-Passes": "yes"}
    gateway("POST", SEARCH, token=token, body=PAGE, headers=kept_back)
    told = dict(far.seen[0]["headers"])

    assert "canary" not in str(told)
    assert token not in str(told)
    assert told["x-passes"] == "yes"
    assert told["via"] == "1.1 portal"
    assert told["x-forwarded-for"] == "127.0.0.1"
    assert told["host"] == far.url.removeprefix("http://")


def test_what_an_upstream_orders_the_browser_stays_there(gateway, token, live, far):
    far.answer = lambda one: say(
        one,
        Set_Cookie="sid=evil",
        Strict_Transport_Security="max-age=0",
        Access_Control_Allow_Origin="*",
        Clear_Site_Data='"*"',
        Connection="X-Inner",
        X_Inner="1",
        Server="x",
    )
    live(far.url)
    answer = gateway("POST", SEARCH, token=token, body=PAGE)
    forbidden = set("set-cookie strict-transport-security access-control-allow-origin x-inner server".split())

    assert answer.status == 200
    assert not forbidden & answer.headers.keys()
    assert answer.headers["content-security-policy"].startswith("sandbox")


def test_redirects_are_passed_on_not_followed(gateway, token, live, far, raw):
    far.answer = lambda one: say(one, 302, b"", Location=raw["url"])
    live(far.url)
    answer = gateway("POST", SEARCH, token=token, body=PAGE)

    assert (answer.status, answer.headers["location"]) == (302, raw["url"])
    assert raw["connections"] == 0


def test_the_document_is_asked_before_the_upstream(gateway, token, live, far):
    live(far.url)
    answer = gateway("POST", SEARCH, token=token, body={"maxResults": "many"})

    assert answer.status == 400
    assert "maxResults" in answer.body.decode()
    assert far.seen == []


@pytest.mark.parametrize("part", ["..", ".", "a\\b"])
def test_no_path_leads_out_of_the_base(gateway, token, live, far, part):
    live(far.url + "/base")
    answer = gateway("DELETE", f"/live/workforce/v1/segments/{part}", token=token)

    assert answer.status in (400, 404, 405)
    assert far.seen == []


def test_connections_are_kept_alive_and_shared_by_nobody_s_cookies(gateway, token, live, far):
    far.answer = lambda one: say(one, Set_Cookie="a=b")
    live(far.url)
    for _ in range(5):
        assert gateway("POST", SEARCH, token=token, body=PAGE).status == 200

    assert len({one["client"] for one in far.seen}) == 1
    assert not any(name == "cookie" for one in far.seen for name, _ in one["headers"])


def test_an_own_header_signs_in(gateway, token, live, far):
    live(far.url, sign_in="header", header="Authorization", secret="Basic canary-key")
    gateway("POST", SEARCH, token=token, body=PAGE)

    assert dict(far.seen[0]["headers"])["authorization"] == "Basic canary-key"


def test_client_credentials_sign_in_once_and_again_after_a_401(gateway, token, live, far):
    given = iter(["one", "two"])
    answers = iter([200, 200, 401, 200])

    def answer(one):
        if one.path == "/token":
            say(one, body=json.dumps({"access_token": next(given), "expires_in": 3600}).encode())
        else:
            say(one, next(answers))

    far.answer = answer
    live(
        far.url,
        sign_in="oauth",
        token_address=far.url + "/token",
        client_id="portal",
        scope="wfm",
        secret="canary-secret",
    )
    assert [gateway("POST", SEARCH, token=token, body=PAGE).status for _ in range(3)] == [200, 200, 200]

    used = [dict(one["headers"])["authorization"] for one in far.seen if one["path"] != "/token"]
    assert used == ["Bearer one", "Bearer one", "Bearer one", "Bearer two"]
    asked = [one for one in far.seen if one["path"] == "/token"]
    assert [one["body"] for one in asked] == [b"grant_type=client_credentials&scope=wfm"] * 2


def test_a_private_address_is_reached_only_where_the_operator_allows_it(gateway, token, live, far, settings):
    from portal.connections import pool

    live(far.url)
    settings.ALLOW_PRIVATE_FETCH = False
    assert gateway("POST", SEARCH, token=token, body=PAGE).status == 502
    assert far.seen == []

    settings.PRIVATE_HOSTS = ["127.0.0.1"]
    pool.cache_clear()
    assert gateway("POST", SEARCH, token=token, body=PAGE).status == 200


def test_a_change_and_a_removal_are_seen_at_once(
    gateway, token, live, far, ada, django_capture_on_commit_callbacks
):
    from catalog.access.queries import upstream_of
    from catalog.access.services import remove_upstream

    live(far.url + "/old")
    gateway("POST", SEARCH, token=token, body=PAGE)
    time.sleep(0.002)  # a version is a millisecond
    with django_capture_on_commit_callbacks(execute=True):
        live(far.url + "/new")
    gateway("POST", SEARCH, token=token, body=PAGE)
    time.sleep(0.002)
    with django_capture_on_commit_callbacks(execute=True):
        remove_upstream(upstream=upstream_of(ada.tenant.pk, "workforce"), by=ada)

    assert gateway("POST", SEARCH, token=token, body=PAGE).status == 404
    assert [one["path"].split("/")[1] for one in far.seen] == ["old", "new"]


def test_another_tenant_s_call_never_reaches_it(gateway, token_for, mallory, live, far):
    live(far.url)

    assert gateway("POST", SEARCH, token=token_for(mallory), body=PAGE).status == 404
    assert far.seen == []


def test_a_kept_secret_does_not_follow_a_new_address(live, far, raw):
    from catalog.access.services import NotAllowed

    live(far.url, sign_in="header", header="X-Key", secret="canary")
    live(far.url, sign_in="header", header="X-Key", timeout=9)
    with pytest.raises(NotAllowed, match="secret again"):
        live(raw["url"], sign_in="header", header="X-Key")


def test_a_secret_is_stored_encrypted(live, far):
    from django.db import connection

    live(far.url, sign_in="header", header="X-Key", secret="canary-secret")
    with connection.cursor() as cursor:
        cursor.execute("SELECT secret FROM catalog_upstream")
        assert "canary" not in cursor.fetchone()[0]


def test_an_answer_streams_as_it_comes(gateway, token, live, far):
    released = threading.Event()

    def answer(one):
        one.send_response(200)
        one.send_header("Transfer-Encoding", "chunked")
        one.end_headers()
        one.wfile.write(b"5\r\nfirst\r\n")
        one.wfile.flush()
        released.wait(5)
        one.wfile.write(b"4\r\nlast\r\n0\r\n\r\n")

    far.answer = answer
    live(far.url)
    from catalog.gateway.endpoint import handle
    from portal.wire import Request
    from tests.conftest import call_wsgi

    parts = []

    def application(environ, start_response):
        reply = handle(Request(environ))
        start_response(reply.line, reply.headers)
        chunks = iter(reply.body)
        parts.append(next(chunks))
        released.set()
        yield from chunks

    answer = call_wsgi(application, "POST", SEARCH, body=PAGE, headers={"Authorization": f"Bearer {token}"})
    assert parts == [b"first"]
    assert answer.body == b"last"


LATE = [name for name, (_, status) in FAULTS.items() if status == 504 and name != "silent"]  # a second each


@pytest.mark.parametrize(
    "fault", [pytest.param(name, marks=[pytest.mark.load] if name in LATE else []) for name in FAULTS]
)
def test_a_faulty_upstream_is_a_problem_in_time(gateway, token, live, raw, fault):
    raw["answer"], expected = FAULTS[fault]
    live(raw["url"], timeout=1)
    began = time.monotonic()
    answer = gateway("POST", SEARCH, token=token, body=PAGE)

    assert answer.status == expected
    assert answer.headers["content-type"] == "application/problem+json"
    assert time.monotonic() - began < 2
    assert raw["url"].removeprefix("http://") not in answer.body.decode()


def test_a_refused_connection_is_a_502(gateway, token, live):
    live("http://127.0.0.1:1")

    assert gateway("POST", SEARCH, token=token, body=PAGE).status == 502


def test_one_tenant_s_slow_upstream_leaves_room_for_others(gateway, token, live, far):
    """Three of its calls wait at most; the fourth is told at once."""
    held = threading.Event()
    far.answer = lambda one: (held.wait(5), say(one))
    live(far.url, timeout=5)
    from catalog.gateway import room
    from portal.wire import Problem

    places = [room.to_wait(7) for _ in range(3)]
    for place in places:
        place.__enter__()
    with pytest.raises(Problem) as refused, room.to_wait(7):
        pass
    with room.to_wait(8):
        pass
    for place in places:
        place.__exit__(None, None, None)
    held.set()

    assert refused.value.status == 503
    with room.to_wait(7):
        pass


def test_live_calls_are_metered_as_live(gateway, token, live, far):
    from usage.models import RequestLog
    from usage.roll_up import roll_up

    live(far.url)
    gateway("POST", SEARCH, token=token, body=PAGE)
    roll_up()

    assert list(RequestLog.objects.values_list("environment", "status")) == [("live", 200)]
