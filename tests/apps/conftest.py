from __future__ import annotations

import base64
from urllib.parse import urlencode

import pytest
from django.db import connection

from apps import services
from apps.oauth.endpoint import application


@pytest.fixture
def issued(ada):
    """An app of Northwind with its credentials."""
    services.publish_scopes(api="workforce", scopes={"people.read": "Read", "people.write": "Change"})
    return services.create_app(name="Payroll", description="Exports hours", by=ada)


def basic(client_id: str, secret: str) -> str:
    return "Basic " + base64.b64encode(f"{client_id}:{secret}".encode()).decode()


@pytest.fixture
def oauth(wsgi):
    """POSTs a form to an OAuth address: `oauth("/oauth2/token", issued, scope="…")`."""

    def post(path, issued=None, *, headers=None, query="", **form):
        given = {"Content-Type": "application/x-www-form-urlencoded", **(headers or {})}
        if issued is not None:
            given.setdefault("Authorization", basic(issued.client_id, issued.secret))
        return wsgi(application, "POST", path, body=urlencode(form).encode(), headers=given, query=query)

    return post


@pytest.fixture
def token_of(oauth):
    def fetch(issued, **form):
        return oauth("/oauth2/token", issued, grant_type="client_credentials", **form).json["access_token"]

    return fetch


@pytest.fixture
def real_database():
    """SQLite's in-memory database locks whole tables between threads, as no installed one does."""
    if connection.vendor == "sqlite" and connection.is_in_memory_db():
        pytest.skip("threads need a database file")
