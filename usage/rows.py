"""Many rows at once, on SQLite and PostgreSQL: plain inserts, and additions to what is there."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db import connection, models
from django.db.backends.utils import CursorWrapper

from usage.latency import COLUMNS

Row = tuple[object, ...]
SUMS = ("calls", "errors", "latency_sum_us", "request_bytes", "answer_bytes")
AT_ONCE = 400  # rows in one statement


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
                [tuple(map(_plain, row)) for row in rows],
            )


def _copy(cursor: CursorWrapper, statement: str, rows: Iterable[Row]) -> None:
    driver: Any = cursor.cursor  # psycopg's own: Django's wrapper knows no COPY
    with connection.wrap_database_errors, driver.copy(statement) as copy:
        for row in rows:
            copy.write_row(row)


def _plain(value: Any) -> Any:
    """SQLite keeps an instant as text without a zone."""
    return connection.ops.adapt_datetimefield_value(value) if isinstance(value, datetime) else value


def add(model: type[models.Model], key: Sequence[str], rows: Iterable[Row]) -> None:
    """Adds figures to the rows of `key`, or begins them. A row is the key, SUMS, then the latency buckets."""
    table = model._meta.db_table
    columns = (*key, *SUMS, *COLUMNS)
    sums = [f"{name} = {table}.{name} + excluded.{name}" for name in SUMS]
    slots = [
        f"{name} = COALESCE({table}.{name} + excluded.{name}, {table}.{name}, excluded.{name})"
        for name in COLUMNS
    ]
    marks = "(" + ", ".join(["%s"] * len(columns)) + ")"
    remaining = list(rows)
    with connection.cursor() as cursor:
        while remaining:
            some, remaining = remaining[:AT_ONCE], remaining[AT_ONCE:]
            cursor.execute(
                f"INSERT INTO {table} ({', '.join(columns)}) VALUES {', '.join([marks] * len(some))} "  # noqa: S608
                f"ON CONFLICT ({', '.join(key)}) DO UPDATE SET {', '.join(sums + slots)}",
                [_plain(value) for row in some for value in row],
            )
