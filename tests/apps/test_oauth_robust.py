"""Whatever is sent, and whatever is away: never a 5xx by accident, never a stuck connection."""

from __future__ import annotations

import random

import psycopg
import pytest
from django.db import OperationalError, connection

from apps.oauth.endpoint import application
from apps.secrets import make
from tests.apps.conftest import basic

PATHS = ["/oauth2/token", "/oauth2/revoke", "/oauth2/introspect", "/.well-known/oauth-authorization-server"]
SCRAPS = [
    *("%zz", "%", "%00", "%FF", "%C0%AF", "%ED%A0%80", "\0", "é", "&", "&&", "=", ";", "+", "[]", "a" * 300),
    *(
        "grant_type=client_credentials",
        "grant_type",
        "scope=people.read",
        "client_id=wdpc_x",
        "client_secret=x",
    ),
    *("token=wdpt_x", "token_type_hint=refresh_token", "client=1", "scopes=1", "user=1", "resource=x"),
]
TYPES = [
    *("application/x-www-form-urlencoded", "application/x-www-form-urlencoded; charset=utf-8"),
    *("application/x-www-form-urlencoded;charset=latin-1", "application/json", "text/plain", "", ";", "é"),
]


def nonsense(dice: random.Random, issued) -> dict:
    secret = make("secret")
    authorizations = [
        *("", "Basic", "Basic ", "Basic =", "Basic AAAA", "Basic /zr/", "Bearer x", "basic\0", "Basic é"),
        basic(issued.client_id, secret),
        basic("\0", secret),
        basic("é" * 300, secret),
        basic(issued.client_id, issued.secret),
    ]
    body = dice.choice(["&", ""]).join(dice.choices(SCRAPS, k=dice.randrange(6))).encode()
    if dice.random() < 0.2:
        body = dice.randbytes(dice.randrange(200))
    headers = {"Content-Type": dice.choice(TYPES), "Authorization": dice.choice(authorizations)}
    if dice.random() < 0.1:
        headers["Content-Length"] = dice.choice(["-1", "x", "999999", "1", "²"])
    query = dice.choice(SCRAPS) if dice.random() < 0.2 else ""
    method = dice.choice(["POST"] * 8 + ["GET", "PUT", "BREW", ""])
    return {"method": method, "body": body, "headers": headers, "query": query}


@pytest.mark.parametrize("seed", range(5))
def test_malformed_input_is_never_our_error(issued, wsgi, seed):
    dice = random.Random(seed)
    for _ in range(100):
        path, sent = dice.choice(PATHS), nonsense(dice, issued)
        answer = wsgi(
            application, sent["method"], path, **{key: sent[key] for key in ("body", "headers", "query")}
        )
        assert answer.status < 500, (path, sent)
        assert issued.secret not in answer.body.decode()


@pytest.mark.parametrize("path", PATHS)
def test_a_database_that_is_away_is_a_503_to_try_again(issued, wsgi, oauth, path):
    def away(*_):
        raise OperationalError("server closed the connection unexpectedly: wdps_live_secret")

    with connection.execute_wrapper(away):
        if path.startswith("/oauth2/"):
            answer = oauth(path, issued, grant_type="client_credentials", token=make("token"))
        else:
            answer = wsgi(application, "GET", path)
    assert (answer.status, answer.json["error"]) == (503, "temporarily_unavailable")
    assert answer.headers["retry-after"] == "5"
    assert "wdps_live" not in answer.body.decode()
    assert oauth("/oauth2/token", issued, grant_type="client_credentials").status == 200


@pytest.mark.django_db(transaction=True)
def test_a_restarted_database_costs_no_call(issued, oauth):
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has no server that could restart")
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        backend = cursor.fetchone()[0]
    with psycopg.connect(**connection.get_connection_params() | {"cursor_factory": None}) as other:
        other.execute("SELECT pg_terminate_backend(%s)", [backend])
    assert oauth("/oauth2/token", issued, grant_type="client_credentials").status == 200


@pytest.mark.django_db(transaction=True)
def test_no_transaction_stays_open(issued, oauth):
    for form in (
        {"grant_type": "client_credentials"},
        {"grant_type": "client_credentials", "scope": "x"},
        {},
    ):
        oauth("/oauth2/token", issued, **form)
        assert not connection.in_atomic_block
        if connection.vendor == "postgresql":
            assert connection.connection.info.transaction_status.name == "IDLE"


@pytest.mark.django_db(transaction=True)
def test_a_connection_past_its_age_is_renewed(issued, oauth):
    connection.ensure_connection()
    before, connection.close_at = connection.connection, 0
    if connection.vendor == "sqlite" and connection.is_in_memory_db():
        pytest.skip("an in-memory database cannot be opened again")
    assert oauth("/oauth2/token", issued, grant_type="client_credentials").status == 200
    assert connection.connection is not before


def test_without_valkey_wrong_secrets_are_refused_as_ever(issued, oauth, valkey, monkeypatch):
    """Nobody can count then; the answer stays 401."""
    from portal import valkey as door

    door.hang_up()
    monkeypatch.setattr(door, "_away_until", float("inf"))  # the breaker, as after a failure
    wrong = {"Authorization": basic(issued.client_id, make("secret"))}
    statuses = {
        oauth("/oauth2/token", headers=wrong, grant_type="client_credentials").status for _ in range(25)
    }
    assert statuses == {401}
