"""A client secret is in one answer and nowhere else."""

from __future__ import annotations

import base64
import io
import logging
import re
from urllib.parse import quote

import pytest
from django.db import connection
from django.urls import reverse

from portal.web.logs import Line
from tests.conftest import PASSWORD, call_wsgi

PAGES = [
    "apps:list",
    "home",
    "catalog:list",
    "usage:dashboard",
    "integrations:list",
    "tenancy:audit",
    "tenancy:users",
]


def spellings(secret: str) -> set[bytes]:
    """As it is, and as encodings would hide it."""
    raw = secret.encode()
    return {raw, raw.hex().encode(), quote(secret, safe="").encode(), *(
        # Base64 shows a text in three shapes, by its place in what is encoded; the edges depend on the rest.
        base64.b64encode(b"x" * shift + raw)[4:-4] for shift in range(3)
    )}  # fmt: skip


def database_dump() -> bytes:
    """Every column of every row, as bytes."""
    found = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            for row in cursor.fetchall():
                found.append(
                    b"|".join(bytes(v) if isinstance(v, bytes | memoryview) else str(v).encode() for v in row)
                )
    return b"\n".join(found)


def valkey_dump(valkey) -> bytes:
    found = []
    for key in valkey.scan_iter():
        found += [key, valkey.dump(key) or b""]
        if valkey.type(key) == b"stream":
            found.append(repr(valkey.xrange(key)).encode())
    return b"\n".join(found)


@pytest.fixture
def logged():
    """What the portal's own log handler would write with every logger at DEBUG, libraries' too."""
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(Line())
    root = logging.getLogger()
    loggers = [root, *(logging.getLogger(name) for name in root.manager.loggerDict)]
    before = [(logger, logger.level) for logger in loggers]
    root.addHandler(handler)
    for logger in loggers:
        logger.setLevel(logging.DEBUG)
    yield written
    for logger, level in before:
        logger.setLevel(level)
    root.removeHandler(handler)


@pytest.mark.parametrize("again", [False, True], ids=["created", "regenerated"])
def test_the_secret_is_nowhere_but_in_its_answer(client, ada, valkey, workforce, gateway, logged, again):
    client.post("/signin/", {"account": "northwind"})
    client.post("/signin/", {"account": "northwind", "email": ada.email, "password": PASSWORD})
    answer = client.post("/apps/create/", {"name": "Canary", "description": "x"})
    if again:
        from apps.models import App

        app = App.objects.get()
        answer = client.post(f"/apps/{app.public_id}/regenerate/", {"epoch": app.credential_epoch})
    secret = re.search(rb"wdps_live_[0-9A-Za-z]{38}", answer.content)[0].decode()
    client_id = re.search(rb"wdpc_[0-9A-Za-z]+", answer.content)[0].decode()
    assert "no-store" in answer.headers["Cache-Control"]

    token = use(client_id, secret)
    gateway("POST", "/sandbox/workforce/v1/search/employees", token=token, body={})
    later = b"".join(client.get(reverse(name)).content for name in PAGES * 3)

    haystacks = {
        "database": database_dump(),
        "valkey": valkey_dump(valkey),
        "logs": logged.getvalue().encode(),
        "cookies": str(client.cookies).encode(),
        "session": repr(dict(client.session)).encode(),
        "next pages": later,
    }
    for needle in spellings(secret) | spellings(token):
        assert [place for place, hay in haystacks.items() if needle in hay] == []
    assert len(PAGES * 3) >= 20
    assert all(haystacks.values())  # an empty haystack would prove nothing


def use(client_id: str, secret: str) -> str:
    from apps.oauth.endpoint import application

    basic = base64.b64encode(f"{client_id}:{secret}".encode()).decode()
    answer = call_wsgi(
        application,
        "POST",
        "/oauth2/token",
        body=b"grant_type=client_credentials",
        headers={"Authorization": f"Basic {basic}", "Content-Type": "application/x-www-form-urlencoded"},
    )
    assert answer.status == 200
    return str(answer.json["access_token"])
