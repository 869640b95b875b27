"""Cross-origin calls, OPTIONS and limits that a tenant or the operator sets."""

from __future__ import annotations

import pytest

from catalog.access.models import RateLimit
from catalog.access.services import NotAllowed, allow_origin, checked_origin

SEARCH = "/sandbox/workforce/v1/search/employees"
SITE = "https://app.northwind.example"


@pytest.fixture
def allowed(ada):
    return allow_origin(tenant=ada.tenant, origin=SITE, by=ada)


def preflight(gateway, origin, headers="authorization,content-type"):
    asked = {"Origin": origin, "Access-Control-Request-Method": "POST"}
    return gateway("OPTIONS", SEARCH, headers=asked | {"Access-Control-Request-Headers": headers})


def test_a_preflight_of_an_allowed_site_is_granted_without_credentials(gateway, workforce, allowed):
    answer = preflight(gateway, SITE)

    assert answer.status == 204
    assert answer.headers["access-control-allow-origin"] == SITE
    assert answer.headers["access-control-allow-headers"] == "authorization,content-type"
    assert "POST" in answer.headers["access-control-allow-methods"]
    assert "access-control-allow-credentials" not in answer.headers
    assert answer.headers["vary"] == "Origin"


WRONG = [
    "null",
    "*",
    "http://app.northwind.example",
    "https://app.northwind.example.evil.example",
    "https://evil.example/app.northwind.example",
    "https://app.northwind.example:8443",
    "https://xapp.northwind.example",
    "https://app.northwind.example,https://evil.example",
    "HTTPS://APP.NORTHWIND.EXAMPLE",
    "https://app.northwind.example\t",
]


@pytest.mark.parametrize("origin", WRONG)
def test_any_other_site_is_not(gateway, token_for, ada, allowed, origin):
    assert "access-control-allow-origin" not in preflight(gateway, origin).headers
    answer = gateway("POST", SEARCH, token=token_for(ada), body={}, headers={"Origin": origin})
    assert answer.status == 200
    assert "access-control-allow-origin" not in answer.headers


def test_the_portal_s_own_header_is_never_granted(gateway, workforce, allowed):
    assert "access-control-allow-headers" not in preflight(gateway, SITE, "portal-cookie").headers


def test_a_site_reads_only_its_own_tenant_s_answers(gateway, token_for, ada, mallory, allowed):
    mine = gateway("POST", SEARCH, token=token_for(ada), body={}, headers={"Origin": SITE})
    theirs = gateway("POST", SEARCH, token=token_for(mallory), body={}, headers={"Origin": SITE})

    assert mine.headers["access-control-allow-origin"] == SITE
    assert "RateLimit-Remaining" in mine.headers["access-control-expose-headers"]
    assert "access-control-allow-origin" not in theirs.headers


def test_options_names_what_stands_at_an_address(gateway, workforce):
    answer = gateway("OPTIONS", SEARCH)

    assert (answer.status, answer.headers["allow"]) == (204, "OPTIONS, POST")
    assert gateway("OPTIONS", "/sandbox/workforce/nothing").status == 401


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("https://App.Example.com/", "https://app.example.com"),
        ("https://app.example.com:443", "https://app.example.com"),
        ("http://localhost:3000", "http://localhost:3000"),
    ],
)
def test_an_origin_is_kept_as_browsers_send_it(text, kept):
    assert checked_origin(text) == kept


NO_ORIGINS = ["*", "https://*.example.com", "app.example.com", "https://a.example/x", "http://a.example", ""]
NO_ORIGINS += ["https://u@a.example", "https://a.example:x", "javascript:alert(1)", "https://a b.example"]


@pytest.mark.parametrize("text", NO_ORIGINS)
def test_anything_else_is_refused_in_words(text):
    with pytest.raises(NotAllowed):
        checked_origin(text)


def test_the_nearest_limit_counts(gateway, token_for, ada, workforce):
    from apps.models import App
    from catalog.access import queries
    from catalog.models import Api

    def limit():
        queries.forget()
        return gateway("POST", SEARCH, token=token, body={}).headers["ratelimit-limit"]

    token = token_for(ada)
    assert limit() == "110"
    Api.objects.filter(slug="workforce").update(rate_limit=90)
    assert limit() == "90"
    RateLimit.objects.create(tenant=ada.tenant, api="", calls=80)
    assert limit() == "80"
    RateLimit.objects.create(tenant=ada.tenant, api="workforce", calls=70)
    assert limit() == "70"
    App.objects.update(rate_limit=60)
    fresh = token_for(ada, name="Other")
    App.objects.update(rate_limit=60)
    from catalog.gateway import bearers

    bearers.forget()
    assert gateway("POST", SEARCH, token=fresh, body={}).headers["ratelimit-limit"] == "60"


def test_pages_set_and_remove_both(client, ada, workforce, settings):
    from portal.tenancy.models import AuditLine

    settings.ALLOW_PRIVATE_FETCH = True
    client.force_login(ada)
    form = {"address": "http://127.0.0.1:1/wfm/", "sign_in": "header", "header": "X-Key", "secret": "canary"}
    saved = client.post("/admin/settings/apis/workforce/", form | {"timeout": "5"}, follow=True)
    client.post("/admin/settings/apis/", {"origin": SITE})
    page = client.get("/admin/settings/apis/").content.decode()

    assert "could not be reached" in saved.content.decode()
    assert "http://127.0.0.1:1/wfm<" in page
    assert SITE in page
    assert "canary" not in page + client.get("/admin/settings/apis/workforce/").content.decode()
    client.post("/admin/settings/apis/workforce/remove/")
    done = set(AuditLine.objects.values_list("action", flat=True))
    assert {"upstream.set", "origin.allowed", "upstream.removed"} <= done


def test_an_incomplete_form_says_what_is_missing(client, ada, workforce):
    client.force_login(ada)
    form = {"address": "ftp://x", "sign_in": "oauth", "timeout": "5"}
    page = client.post("/admin/settings/apis/workforce/", form).content.decode()

    assert page.count("needed for the way of signing in") == 2
    assert (
        client.post(
            "/admin/settings/apis/workforce/", {"address": "ftp://x", "sign_in": "none", "timeout": "5"}
        )
        .content.decode()
        .count("must begin with https://")
        == 1
    )
