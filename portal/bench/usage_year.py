"""A year of totals made inside PostgreSQL, and the questions that are asked of it."""

from __future__ import annotations

import time

from django.db import connection

from portal.tenancy.models import Tenant
from usage.models import (
    DayAppTotal,
    DayEndpointTotal,
    DayTotal,
    HourTotal,
    MonthAppTotal,
    MonthEndpointTotal,
    MonthTotal,
)
from usage.rows import FIGURES, GRAINS

TABLES = (HourTotal, DayTotal, DayAppTotal, DayEndpointTotal, MonthTotal, MonthAppTotal, MonthEndpointTotal)
DAYS, OPERATIONS, APPS = 365, 60, 200
SLOTS = ("slot_8", "slot_9", "slot_10", "slot_11")


def fill(tenant: Tenant, hours: int) -> tuple[int, float]:
    """At least `hours` hour rows over 2026, and all that follows from them."""
    began = time.perf_counter()
    per_day = -(-hours // (DAYS * OPERATIONS * APPS))
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
        keys = _drop_keys(cursor)
        cursor.execute(_hours(tenant, per_day))
        rows = cursor.rowcount
        cursor.execute("ANALYZE usage_hourtotal")
        for model, key in GRAINS[1:]:
            cursor.execute(_coarser(model._meta.db_table, key))
        for statement in keys:
            cursor.execute(statement)
        for model, _ in GRAINS:
            cursor.execute(f"VACUUM (ANALYZE) {model._meta.db_table}")
    return rows, time.perf_counter() - began


def _drop_keys(cursor: object) -> list[str]:
    """The keys go while millions of rows come in; what is returned puts them back."""
    back = []
    for model in TABLES:
        table = model._meta.db_table
        cursor.execute(  # type: ignore[attr-defined]
            "SELECT conname, pg_get_constraintdef(oid), contype FROM pg_constraint"
            " WHERE conrelid = %s::regclass AND contype IN ('u', 'f')",
            [table],
        )
        for name, definition, kind in cursor.fetchall():  # type: ignore[attr-defined]
            cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")  # type: ignore[attr-defined]
            if kind == "u":
                back.append(f"ALTER TABLE {table} ADD CONSTRAINT {name} {definition}")
    return back


def _hours(tenant: Tenant, per_day: int) -> str:
    slots = ", ".join(SLOTS)
    return (
        "INSERT INTO usage_hourtotal (tenant_id, app_id, api, operation, environment, hour, calls, errors,"  # noqa: S608
        f" latency_sum_us, request_bytes, answer_bytes, {slots})"
        f" SELECT {tenant.pk}, app.id, 'workforce', 'operation' || op, 'sandbox',"
        " '2026-01-01'::timestamptz + day * interval '1 day' + (8 + h) * interval '1 hour',"
        " 40 + op, op % 3, 4000 * (40 + op), 4000, 80000, 10, 10 + op, 10, 10"
        f" FROM (SELECT id FROM apps_app WHERE tenant_id = {tenant.pk} ORDER BY id LIMIT {APPS}) app,"
        f" generate_series(0, {DAYS - 1}) day, generate_series(1, {OPERATIONS}) op,"
        f" generate_series(0, {per_day - 1}) h"
    )


def _coarser(table: str, key: tuple[str, ...]) -> str:
    of = {
        "day": "(hour AT TIME ZONE 'UTC')::date",
        "month": "date_trunc('month', hour AT TIME ZONE 'UTC')::date",
    }
    source = "usage_hourtotal"
    if table != "usage_daytotal":  # the days are there by then
        of = {"day": "day", "month": "date_trunc('month', day)::date"}
        source = "usage_daytotal"
    chosen = ", ".join(of.get(name, name) for name in key)
    sums = ", ".join(f"sum({name})" for name in FIGURES)
    places = ", ".join(str(number) for number in range(1, len(key) + 1))
    return (
        f"INSERT INTO {table} ({', '.join((*key, *FIGURES))}) SELECT {chosen}, {sums}"  # noqa: S608
        f" FROM {source} GROUP BY {places}"
    )


def questions(tenant: Tenant, rounds: int) -> list[str]:
    """Time inside the database, by EXPLAIN ANALYZE."""
    ten = f"(SELECT id FROM apps_app WHERE tenant_id = {tenant.pk} ORDER BY id LIMIT 10)"  # noqa: S608
    year = f"tenant_id = {tenant.pk} AND day BETWEEN '2026-01-01' AND '2026-12-31'"
    month = f"tenant_id = {tenant.pk} AND month BETWEEN '2026-01-01' AND '2026-12-01'"
    asked = {
        "year by day by app, 10 apps": f"SELECT app_id, day, sum(calls) FROM usage_dayapptotal WHERE {year}"  # noqa: S608
        f" AND app_id IN {ten} GROUP BY 1, 2",
        "year by day by app, all 200 apps (73,000 rows out)": "SELECT app_id, day, sum(calls)"  # noqa: S608
        f" FROM usage_dayapptotal WHERE {year} GROUP BY 1, 2",
        "year by month by app, all 200 (what the page asks)": "SELECT app_id, month, sum(calls)"  # noqa: S608
        f" FROM usage_monthapptotal WHERE {month} GROUP BY 1, 2",
        "the same from the hour rows, 10 apps": "SELECT app_id, hour::date, sum(calls) FROM usage_hourtotal"  # noqa: S608
        f" WHERE tenant_id = {tenant.pk} AND app_id IN {ten} GROUP BY 1, 2",
    }
    lines = []
    for name, sql in asked.items():
        found = sorted(_inside(sql) for _ in range(rounds))
        middle = found[len(found) // 2]
        lines.append(f"{name:52} {middle:8.1f} ms in the database ({found[0]:.1f}–{found[-1]:.1f})")
    return lines


def _inside(sql: str) -> float:
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
        cursor.execute(f"EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) {sql}")
        return float(cursor.fetchone()[0][0]["Execution Time"])


def multiply(tenant: Tenant, by: int) -> None:
    """More calls over the same apps, operations and hours. The hour rows, which a year never reads, stay."""
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
        for model in TABLES[2:]:
            table = model._meta.db_table
            sums = ", ".join(f"{name} = {name} * {by}" for name in ("calls", "errors", *SLOTS))
            cursor.execute(f"UPDATE {table} SET {sums} WHERE tenant_id = %s", [tenant.pk])  # noqa: S608
            cursor.execute(f"VACUUM FULL ANALYZE {table}")
