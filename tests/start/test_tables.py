"""The tables that a first start makes are those that the migrations make."""

from __future__ import annotations

import os
import re
import sqlite3
import subprocess
import sys

import pytest

from tests.e2e.portal import HOUSE, environment

MAKE = """
import django; django.setup()
from django.core.management import call_command
from portal.start import prepare
{}
"""


def made_by(folder, call: str) -> sqlite3.Connection:
    folder.mkdir()
    subprocess.run(
        [sys.executable, "-c", MAKE.format(call)],
        cwd=HOUSE,
        env=environment(folder)
        | {"DJANGO_SETTINGS_MODULE": "portal.settings", "REDIS_URL": "unix:///nonexistent"},
        check=True,
    )
    return sqlite3.connect(folder / "portal.sqlite3")


def shape(database: sqlite3.Connection) -> dict[str, object]:
    """Tables with their columns, checks and indexes, whatever their order and made-up names."""
    found: dict[str, object] = {}
    for name, sql in database.execute("SELECT name, sql FROM sqlite_master WHERE type = 'table'").fetchall():
        if name.startswith("sqlite_"):
            continue
        columns = {row[1:] for row in database.execute(f"PRAGMA table_info({name})")}
        keys = {row[2:5] for row in database.execute(f"PRAGMA foreign_key_list({name})")}
        checks = sorted(re.findall(r'CONSTRAINT "?(\w+)"? CHECK', sql))
        indexes = set()
        for _, index, unique, _, partial in database.execute(f"PRAGMA index_list({name})").fetchall():
            parts = tuple(row[2] for row in database.execute(f"PRAGMA index_info({index})"))
            indexes.add((parts, unique, partial))
        found[name] = (columns, keys, checks, indexes)
    found["migrations"] = set(database.execute("SELECT app, name FROM django_migrations").fetchall())
    found["permissions"] = set(database.execute("SELECT codename FROM auth_permission").fetchall())
    return found


@pytest.mark.load
@pytest.mark.skipif("DATABASE_URL" in os.environ, reason="the short way is for SQLite only")
def test_a_first_start_makes_what_the_migrations_make(tmp_path):
    quick = shape(made_by(tmp_path / "quick", "prepare.create_tables()"))
    slow = shape(made_by(tmp_path / "slow", "call_command('migrate', verbosity=0)"))

    assert set(quick) == set(slow)
    assert {name: quick[name] for name in quick if quick[name] != slow[name]} == {
        name: slow[name] for name in quick if quick[name] != slow[name]
    }
