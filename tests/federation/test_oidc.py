"""Signing in with OpenID Connect: the whole way, and forty answers that must not let anybody in."""

from __future__ import annotations

import base64
import hashlib
import json
import time

import httpx2
import pytest
import time_machine
from jwcrypto import jwk

from portal.tenancy.federation import away, oidc
from portal.tenancy.federation.models import FederatedIdentity, IdentityProvider
from portal.tenancy.models import AuditLine, Standing, User
from tests.conftest import PASSWORD
from tests.federation.conftest import CLIENT, SECRET, come_back, go, is_signed_in, set_up_oidc


def at_real_provider(url, subject, claims):
    """The person signs in at the provider and is sent back: the query of the way back."""
    base = url.split("/oauth2")[0]
    httpx2.put(f"{base}/users/{subject}", json=claims)
    answer = httpx2.post(url, data={"sub": subject})
    assert answer.status_code in (302, 303), answer.text
    return answer.headers["location"].split("?", 1)[1]


def test_a_person_signs_in_at_a_real_provider(client, ada, dev, real_provider):
    set_up_oidc(ada, real_provider)
    claims = {"email": "dev@northwind.example", "email_verified": True, "given_name": "Devi"}
    client.post("/signin/?next=/apps/", {"account": "Northwind"})
    page = client.get("/signin/?next=/apps/")
    assert b'url=/signin/provider/?next=%2Fapps%2F"' in page.content
    for _ in range(2):  # the first time linked by address, then known by issuer and subject
        out = go(client, path="/signin/provider/?next=/apps/")
        back = client.get("/signin/oidc/northwind/callback/?" + at_real_provider(out.url, "dev-sub", claims))
        assert (back.status_code, back["Location"]) == (302, "/apps/")
        assert client.session["_auth_user_id"] == str(dev.pk)
        client.post("/signout/")
        claims["email"] = "somebody-else@northwind.example"
    identity = FederatedIdentity.objects.get(user=dev)
    assert (identity.issuer, identity.subject) == (real_provider, "dev-sub")
    dev.refresh_from_db()
    assert (dev.standing, dev.first_name) == (Standing.ACTIVE, "Dev")


def test_the_request_carries_pkce_state_and_nonce(client, ada, provider):
    set_up_oidc(ada, provider.url)
    first, second = go(client).query, go(client).query

    assert first["response_type"] == "code"
    assert first["redirect_uri"] == "http://127.0.0.1:8000/signin/oidc/northwind/callback/"
    assert first["code_challenge_method"] == "S256"
    for name in ("state", "nonce", "code_challenge"):
        assert len(first[name]) == 43
        assert first[name] != second[name]
    provider.token = lambda: {
        "id_token": provider.sign(provider.claims(second["nonce"], sub="admin-subject"))
    }
    assert come_back(client, code="c", state=second["state"]).status_code == 302
    verifier = provider.form["code_verifier"][0]
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
    assert challenge == second["code_challenge"]
    pair = base64.b64decode(provider.authorization.removeprefix("Basic ")).decode()
    assert pair == f"{CLIENT}:s3cret%3Awith%2Fodd%20chars%2B"


# Forty answers of a liar. Each changes one thing of a good one: claims, header, signature, query or tokens.
EC = jwk.JWK.generate(kty="EC", crv="P-256", kid="ec")
STRANGER = jwk.JWK.generate(kty="RSA", size=2048, kid="one")
SMALL = jwk.JWK.generate(kty="RSA", size=1024, kid="small")


def unsigned(token, alg="none", signature=""):
    head = base64.urlsafe_b64encode(json.dumps({"alg": alg, "kid": "one"}).encode()).decode().rstrip("=")
    return f"{head}.{token.split('.')[1]}.{signature}"


def shared_secret(provider, claims):
    """The public key's text used as the secret of an HMAC."""
    public = provider.key.export_to_pem()
    key = jwk.JWK(kty="oct", k=base64.urlsafe_b64encode(public).decode().rstrip("="))
    return provider.sign(claims, key=key, header={"alg": "HS256"})


CLAIMS = {
    "another issuer": lambda p, c: c | {"iss": "https://evil.example"},
    "issuer with a slash more": lambda p, c: c | {"iss": p.url + "/"},
    "no issuer": lambda p, c: without(c, "iss"),
    "another audience": lambda p, c: c | {"aud": "another-client"},
    "an empty list of audiences": lambda p, c: c | {"aud": []},
    "several audiences without azp": lambda p, c: c | {"aud": [CLIENT, "another"]},
    "azp of another client": lambda p, c: c | {"azp": "another"},
    "several audiences, azp of another": lambda p, c: c | {"aud": [CLIENT, "another"], "azp": "another"},
    "no audience": lambda p, c: without(c, "aud"),
    "audience as a number": lambda p, c: c | {"aud": 7},
    "expired two minutes ago": lambda p, c: c | {"exp": int(time.time()) - 120},
    "no expiry": lambda p, c: without(c, "exp"),
    "expiry as text": lambda p, c: c | {"exp": "9999999999"},
    "expiry as truth": lambda p, c: c | {"exp": True},
    "made in two minutes": lambda p, c: c | {"iat": int(time.time()) + 120},
    "made an hour ago": lambda p, c: c | {"iat": int(time.time()) - 3600},
    "no time of making": lambda p, c: without(c, "iat"),
    "valid in two minutes": lambda p, c: c | {"nbf": int(time.time()) + 120},
    "another nonce": lambda p, c: c | {"nonce": "n" * 43},
    "no nonce": lambda p, c: without(c, "nonce"),
    "nonce as a list": lambda p, c: c | {"nonce": [c["nonce"]]},
    "no subject": lambda p, c: without(c, "sub"),
    "empty subject": lambda p, c: c | {"sub": ""},
    "subject as a number": lambda p, c: c | {"sub": 12},
}
TOKENS = {
    "alg none": lambda p, c: unsigned(p.sign(c)),
    "alg none with the old signature": lambda p, c: unsigned(p.sign(c), signature=p.sign(c).split(".")[2]),
    "alg None in capitals": lambda p, c: unsigned(p.sign(c), alg="NONE", signature="AA"),
    "HS256 with the public key": shared_secret,
    "RS512": lambda p, c: p.sign(c, header={"alg": "RS512"}),
    "PS256": lambda p, c: p.sign(c, header={"alg": "PS256"}),
    "a stranger's key under our kid": lambda p, c: p.sign(c, key=STRANGER),
    "unknown kid": lambda p, c: p.sign(c, header={"kid": "another"}),
    "kid as a path": lambda p, c: p.sign(c, header={"kid": "../../dev/null"}),
    "its own key in the header": lambda p, c: p.sign(
        c, key=STRANGER, header={"jwk": json.loads(STRANGER.export_public())}
    ),
    "an address of keys in the header": lambda p, c: p.sign(
        c, key=STRANGER, header={"jku": "http://x.example"}
    ),
    "critical extension": lambda p, c: p.sign(c, header={"crit": ["b64"], "b64": True}),
    "a short RSA key": lambda p, c: p.sign(c, key=with_key(p, SMALL), header={"kid": "small"}),
    "ES256 header over an RSA key": lambda p, c: unsigned(p.sign(c), "ES256", p.sign(c).split(".")[2]),
    "claims changed after signing": lambda p, c: swapped(p.sign(c | {"sub": "x"}), p.sign(c)),
    "signature cut": lambda p, c: p.sign(c)[:-20],
    "two parts": lambda p, c: p.sign(c).rsplit(".", 1)[0],
    "five parts": lambda p, c: p.sign(c) + ".AA.AA",
    "JSON serialisation": lambda p, c: json.dumps({"payload": p.sign(c).split(".")[1], "signatures": []}),
    "a name twice": lambda p, c: p.sign(json.dumps(c).encode()[:-1] + b', "sub": "admin-subject"}'),
    "not JSON": lambda p, c: p.sign(b"hello"),
    "a list": lambda p, c: p.sign(b"[]"),
    "a number": lambda p, c: 7,
    "nothing": lambda p, c: None,
}
QUERIES = {
    "another state": {"state": "s" * 43},
    "no state": {"state": None},
    "issuer of another": {"iss": "https://evil.example"},
    "an error": {"error": "access_denied"},
}


def without(claims, name):
    return {key: value for key, value in claims.items() if key != name}


def with_key(provider, key):
    provider.keys = [*provider.keys, json.loads(key.export_public())]
    return key


def swapped(token, other):
    head, _, signature = other.split(".")
    return f"{head}.{token.split('.')[1]}.{signature}"


def attempt(client, provider, *, claims=None, token=None, query=None, slug="northwind"):
    out = go(client).query
    good = provider.claims(out["nonce"], sub="admin-subject")
    changed = claims(provider, good) if claims else good
    raw = token(provider, changed) if token else provider.sign(changed)
    provider.token = lambda: {"id_token": raw, "access_token": "a", "token_type": "Bearer"}
    sent = {"code": "c", "state": out["state"]} | (query or {})
    return come_back(client, slug, **{name: value for name, value in sent.items() if value is not None})


@pytest.fixture
def federated(ada, provider):
    return set_up_oidc(ada, provider.url)


def test_the_unchanged_answer_is_good(client, federated, provider):
    assert attempt(client, provider).status_code == 302
    assert is_signed_in(client)


def test_a_lying_answer_opens_no_session(client, federated, provider):
    lies = [
        *((name, {"claims": change}) for name, change in CLAIMS.items()),
        *((name, {"token": change}) for name, change in TOKENS.items()),
        *((name, {"query": change}) for name, change in QUERIES.items()),
    ]
    assert len(lies) >= 40
    let_in = {}
    for name, lie in lies:
        provider.reset()
        answer = attempt(client, provider, **lie)
        if is_signed_in(client) or answer.status_code != 403:
            let_in[name] = answer.status_code
        client.session.flush()

    assert let_in == {}


def test_es256_is_fine(client, federated, provider):
    with_key(provider, EC)

    assert (
        attempt(
            client, provider, token=lambda p, c: p.sign(c, key=EC, header={"alg": "ES256", "kid": "ec"})
        ).status_code
        == 302
    )


@pytest.mark.parametrize(("seconds", "status"), [(50, 302), (120, 403)])
def test_clocks_may_differ_by_a_minute(client, federated, provider, seconds, status):
    late = {"exp": int(time.time()) - seconds, "iat": int(time.time()) - seconds - 60}

    assert attempt(client, provider, claims=lambda p, c: c | late).status_code == status


def test_an_answer_works_once_and_only_where_it_was_asked_for(client, federated, provider, django_user_model):
    from django.test import Client

    out = go(client).query
    provider.token = lambda: {"id_token": provider.sign(provider.claims(out["nonce"], sub="admin-subject"))}
    stranger = Client()
    assert come_back(stranger, code="c", state=out["state"]).status_code == 403
    assert come_back(client, code="c", state=out["state"]).status_code == 302
    assert come_back(client, code="c", state=out["state"]).status_code == 403
    assert not is_signed_in(stranger)


def test_an_answer_waits_ten_minutes(client, federated, provider):
    out = go(client).query
    with time_machine.travel(time.time() + 601):
        assert come_back(client, code="c", state=out["state"]).status_code == 403


def test_userinfo_tells_more_about_the_same_person_only(client, federated, provider, dev):
    dev.standing = Standing.AVAILABLE
    dev.set_unusable_password()
    dev.save()
    provider.userinfo = {"sub": "other", "email": dev.email, "email_verified": True}
    bare = lambda p, c: without(without(c, "email"), "email_verified") | {"sub": "new-sub"}  # noqa: E731

    assert attempt(client, provider, claims=bare).status_code == 403
    provider.userinfo["sub"] = "new-sub"
    assert attempt(client, provider, claims=bare).status_code == 302
    assert client.session["_auth_user_id"] == str(dev.pk)


def test_an_unknown_key_is_looked_up_once_a_minute(client, federated, provider):
    attempt(client, provider)
    provider.asked.clear()
    for _ in range(5):
        client.session.flush()
        assert (
            attempt(client, provider, token=lambda p, c: p.sign(c, header={"kid": "new"})).status_code == 403
        )

    assert provider.asked.count("/keys") == 1


def test_a_new_key_is_found(client, federated, provider):
    attempt(client, provider)
    with_key(provider, EC)

    assert (
        attempt(
            client, provider, token=lambda p, c: p.sign(c, key=EC, header={"alg": "ES256", "kid": "ec"})
        ).status_code
        == 302
    )


def test_a_provider_that_hangs_costs_one_page(client, federated, provider, monkeypatch):
    assert oidc.TOTAL < 6
    monkeypatch.setattr(oidc, "TOTAL", 1.0)
    out = go(client).query
    provider.hang = 2.0
    begun = time.monotonic()
    answer = come_back(client, code="c", state=out["state"])
    waited = time.monotonic() - begun

    assert answer.status_code == 502
    assert waited < 1.5
    provider.hang = 0.0
    begun = time.monotonic()
    assert come_back(client, code="c", state=go(client).query["state"]).status_code == 502  # the pause
    assert time.monotonic() - begun < 0.5


def test_a_slow_provider_holds_two_requests_at_most(monkeypatch):
    monkeypatch.setitem(away._busy, "127.0.0.1:9", away.AT_ONCE)
    begun = time.monotonic()
    with pytest.raises(away.ProviderAway):
        away.ask("http://127.0.0.1:9/")

    assert time.monotonic() - begun < 0.1


@pytest.mark.parametrize(
    "change",
    [
        {"issuer": "https://evil.example"},
        {"token_endpoint": "ftp://127.0.0.1/token"},
        {"jwks_uri": None},
        {"authorization_endpoint": "javascript:alert(1)"},
    ],
)
def test_a_strange_discovery_document_is_refused(client, federated, provider, change):
    provider.discovery |= change
    client.cookies["account"] = "Northwind"

    assert client.get("/signin/provider/").status_code == 403


def test_two_tenants_providers_do_not_mix(client, ada, mallory, provider, other_provider):
    set_up_oidc(ada, provider.url, subject="the-same")
    set_up_oidc(mallory, other_provider.url, subject="the-same")
    out = go(client, "Contoso").query
    token = other_provider.sign(other_provider.claims(out["nonce"], sub="the-same"))
    provider.token = other_provider.token = lambda: {"id_token": token}

    assert come_back(client, "northwind", code="c", state=out["state"]).status_code == 403
    assert not is_signed_in(client)
    out = go(client, "Northwind").query
    mixed = other_provider.sign(other_provider.claims(out["nonce"], sub="the-same"))
    provider.token = lambda: {"id_token": mixed}
    assert come_back(client, "northwind", code="c", state=out["state"]).status_code == 403
    assert not is_signed_in(client)
    out = go(client, "Northwind").query
    provider.token = lambda: {"id_token": provider.sign(provider.claims(out["nonce"], sub="the-same"))}
    come_back(client, "northwind", code="c", state=out["state"])
    assert client.session["_auth_user_id"] == str(ada.pk)


def test_the_secret_is_encrypted_at_rest(ada, provider):
    from django.db import connection

    set_up_oidc(ada, provider.url)
    with connection.cursor() as cursor:
        cursor.execute("SELECT settings FROM tenancy_identityprovider")
        (stored,) = cursor.fetchone()

    assert stored.startswith("v1:")
    assert SECRET not in stored
    assert IdentityProvider.objects.get().settings["client_secret"] == SECRET
    assert not [line for line in AuditLine.objects.all() if SECRET in json.dumps(line.changes)]


def test_passwords_are_closed_while_the_provider_is_on(client, ada, dev, federated):
    """Eight ways around it."""
    User.objects.filter(pk=dev.pk).update(password=ada.password, standing=Standing.ACTIVE)
    from django.contrib.auth import authenticate

    dev.refresh_from_db()
    dev.set_password(PASSWORD)
    dev.save()
    for account in ("Northwind", "northwind", " NORTHWIND "):
        assert authenticate(None, account=account, username=dev.email, password=PASSWORD) is None
        fields = {"account": account, "email": dev.email, "password": PASSWORD}
        assert client.post("/signin/", fields).status_code == 200
    assert authenticate(None, username=dev.email, password=PASSWORD) is None
    client.post("/operator/login/", {"username": dev.email, "password": PASSWORD})
    assert not is_signed_in(client)
