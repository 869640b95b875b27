"""Threads on a real database file, mails in the outbox, and a cheap password hash."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, connections

CHEAP = ["django.contrib.auth.hashers.MD5PasswordHasher", "django.contrib.auth.hashers.PBKDF2PasswordHasher"]


@pytest.fixture
def cheap_hash(settings: Any) -> None:
    """The same code path at a thousandth of the cost."""
    settings.PASSWORD_HASHERS = [*CHEAP, "apps.secrets.SaltedSha256"]


@pytest.fixture
def threads(transactional_db: None) -> Callable[[list[Callable[[], Any]]], list[Any]]:
    """Runs functions at the same moment, each on a connection of its own; their results or exceptions."""
    return run_together


def run_together(functions: list[Callable[[], Any]]) -> list[Any]:
    start = threading.Barrier(len(functions))
    results: list[Any] = [None] * len(functions)

    def run(place: int) -> None:
        start.wait()
        try:
            results[place] = functions[place]()
        except Exception as error:
            results[place] = error
        finally:
            connections.close_all()

    workers = [threading.Thread(target=run, args=(place,)) for place in range(len(functions))]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return results


def mails_to(address: str, template: str | None = None) -> list[dict[str, str]]:
    """The waiting mails to somebody, oldest first: subject, text, html."""
    from portal.mail.models import Outbox

    rows = Outbox.objects.filter(to=address).order_by("pk")
    if template:
        rows = rows.filter(template=template)
    return [{"subject": row.subject, **json.loads(row.body or "{}")} for row in rows]


def link_in(mail: dict[str, str]) -> str:
    """The path of the one link in a mail."""
    (path,) = set(re.findall(r"http://127\.0\.0\.1:8000(/\S+)", mail["text"]))
    return str(path)


def dump_database() -> str:
    """Every value of every table, as it is stored."""
    with connection.cursor() as cursor:
        found = []
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            found += [str(value) for row in cursor.fetchall() for value in row]
    return "\n".join(found)
