"""Many rows at once, on SQLite and PostgreSQL: plain inserts, and additions to the totals."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, cast

from django.db import connection, models
from django.db.backends.utils import CursorWrapper

from usage.latency import COLUMNS
from usage.models import (
    DayAppTotal,
    DayEndpointTotal,
    DayTotal,
    HourTotal,
    MonthAppTotal,
    MonthEndpointTotal,
    MonthTotal,
    Totals,
)

Row = tuple[object, ...]
SUMS = ("calls", "errors", "latency_sum_us", "request_bytes", "answer_bytes")
FIGURES = (*SUMS, *COLUMNS)
FINEST = ("tenant_id", "app_id", "api", "operation", "environment", "hour", "day", "month")
GRAINS: tuple[tuple[type[Totals], tuple[str, ...]], ...] = (
    (HourTotal, ("tenant_id", "app_id", "api", "operation", "environment", "hour")),
    (DayTotal, ("tenant_id", "app_id", "api", "operation", "environment", "day")),
    (DayAppTotal, ("tenant_id", "app_id", "environment", "day")),
    (DayEndpointTotal, ("tenant_id", "api", "operation", "environment", "day")),
    (MonthTotal, ("tenant_id", "app_id", "api", "operation", "environment", "month")),
    (MonthAppTotal, ("tenant_id", "app_id", "environment", "month")),
    (MonthEndpointTotal, ("tenant_id", "api", "operation", "environment", "month")),
)
BATCH = "usage_batch"
_KINDS = {"hour": "timestamptz", "day": "date", "month": "date"}
_TEXTS = ("api", "operation", "environment")


def insert(model: type[models.Model], columns: Sequence[str], rows: Iterable[Row]) -> None:
    """Raises IntegrityError when a row's key is there already."""
    _write(model._meta.db_table, columns, rows)


def add(rows: Iterable[Row]) -> None:
    """Adds to every table of totals. A row is FINEST, SUMS, then the latency buckets, 0 where there is none.

    The rows travel once; what is coarser than hours the database adds up itself.
    """
    with connection.cursor() as cursor:
        cursor.execute(_batch_table())
        cursor.execute(f"DELETE FROM {BATCH}")  # noqa: S608
        _write(BATCH, (*FINEST, *FIGURES), rows)
        for model, key in GRAINS:
            cursor.execute(_merge(model._meta.db_table, key))


def _batch_table() -> str:
    def kind(name: str) -> str:
        if connection.vendor == "sqlite":
            return ""
        return "text" if name in _TEXTS else _KINDS.get(name, "bigint")

    columns = ", ".join(f"{name} {kind(name)}" for name in (*FINEST, *FIGURES))
    return f"CREATE TEMP TABLE IF NOT EXISTS {BATCH} ({columns})"


def _merge(table: str, key: Sequence[str]) -> str:
    columns, place = ", ".join((*key, *FIGURES)), ", ".join(key)
    totals = [f"SUM({name})" for name in SUMS]
    counts = [f"NULLIF(SUM({name}), 0)" for name in COLUMNS]
    chosen = ", ".join((*key, *totals, *counts))
    sums = [f"{name} = {table}.{name} + excluded.{name}" for name in SUMS]
    slots = [
        f"{name} = COALESCE({table}.{name} + excluded.{name}, {table}.{name}, excluded.{name})"
        for name in COLUMNS
    ]
    # "WHERE true" tells SQLite that ON belongs to the INSERT.
    return (
        f"INSERT INTO {table} ({columns}) SELECT {chosen} FROM {BATCH} WHERE true GROUP BY {place}"  # noqa: S608
        f" ON CONFLICT ({place}) DO UPDATE SET {', '.join(sums + slots)}"
    )


def _write(table: str, columns: Sequence[str], rows: Iterable[Row]) -> None:
    names = ", ".join(columns)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            _copy(cursor, f"COPY {table} ({names}) FROM STDIN", rows)
            return
        marks = ", ".join(["%s"] * len(columns))
        cursor.executemany(f"INSERT INTO {table} ({names}) VALUES ({marks})", _plain(rows))  # noqa: S608


def _copy(cursor: CursorWrapper, statement: str, rows: Iterable[Row]) -> None:
    """As one text: the driver's row by row takes twice as long."""
    driver: Any = cursor.cursor  # psycopg's own: Django's wrapper knows no COPY
    with connection.wrap_database_errors, driver.copy(statement) as copy:
        copy.write("".join(map(_line, rows)))


def _line(row: Row) -> str:
    """Rows have no NULL, and hardly ever something to escape."""
    line = "\t".join(map(str, row))
    if "\\" in line or "\n" in line or "\r" in line or line.count("\t") >= len(row):
        line = "\t".join([str(value).translate(_ESCAPED) for value in row])
    return line + "\n"


_ESCAPED = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def _plain(rows: Iterable[Row]) -> list[Any]:
    """SQLite keeps an instant as text without a zone. An instant stands in the same column of every row."""
    plain = [list(row) for row in rows]
    instants = [place for place, value in enumerate(plain[0]) if isinstance(value, datetime)] if plain else []
    for row in plain:
        for place in instants:
            row[place] = connection.ops.adapt_datetimefield_value(cast("datetime", row[place]))
    return plain
