"""Many rows at once, on SQLite and PostgreSQL: plain inserts, and additions to what is there."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, cast

from django.db import connection, models
from django.db.backends.utils import CursorWrapper

from usage.latency import COLUMNS

Row = tuple[object, ...]
SUMS = ("calls", "errors", "latency_sum_us", "request_bytes", "answer_bytes")


def insert(model: type[models.Model], columns: Sequence[str], rows: Iterable[Row]) -> None:
    """Raises IntegrityError when a row's key is there already."""
    table = model._meta.db_table
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            _copy(cursor, f"COPY {table} ({', '.join(columns)}) FROM STDIN", rows)
        else:
            marks = ", ".join(["%s"] * len(columns))
            cursor.executemany(
                f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})",  # noqa: S608
                _plain(rows),
            )


def _copy(cursor: CursorWrapper, statement: str, rows: Iterable[Row]) -> None:
    driver: Any = cursor.cursor  # psycopg's own: Django's wrapper knows no COPY
    with connection.wrap_database_errors, driver.copy(statement) as copy:
        for row in rows:
            copy.write_row(row)


def _plain(rows: Iterable[Row]) -> list[Any]:
    """SQLite keeps an instant as text without a zone. An instant stands in the same column of every row."""
    plain = [list(row) for row in rows]
    instants = [place for place, value in enumerate(plain[0]) if isinstance(value, datetime)] if plain else []
    for row in plain:
        for place in instants:
            row[place] = connection.ops.adapt_datetimefield_value(cast("datetime", row[place]))
    return plain


def add(model: type[models.Model], key: Sequence[str], rows: Iterable[Row]) -> None:
    """Adds figures to the rows of `key`, or begins them. A row is the key, SUMS, then the latency buckets."""
    table = model._meta.db_table
    columns = ", ".join((*key, *SUMS, *COLUMNS))
    sums = [f"{name} = {table}.{name} + excluded.{name}" for name in SUMS]
    slots = [
        f"{name} = COALESCE({table}.{name} + excluded.{name}, {table}.{name}, excluded.{name})"
        for name in COLUMNS
    ]
    merge = f"ON CONFLICT ({', '.join(key)}) DO UPDATE SET {', '.join(sums + slots)}"
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            # COPY and one merge are twice as fast as any INSERT with its values in it.
            cursor.execute(
                f"CREATE TEMP TABLE IF NOT EXISTS {table}_more ON COMMIT DELETE ROWS "  # noqa: S608
                f"AS SELECT {columns} FROM {table} WITH NO DATA"
            )
            cursor.execute(f"DELETE FROM {table}_more")  # noqa: S608
            _copy(cursor, f"COPY {table}_more ({columns}) FROM STDIN", rows)
            cursor.execute(f"INSERT INTO {table} ({columns}) SELECT {columns} FROM {table}_more {merge}")  # noqa: S608
        else:
            marks = ", ".join(["%s"] * (len(key) + len(SUMS) + len(COLUMNS)))
            cursor.executemany(
                f"INSERT INTO {table} ({columns}) VALUES ({marks}) {merge}",  # noqa: S608
                _plain(rows),
            )
