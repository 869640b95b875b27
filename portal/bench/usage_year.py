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
    Totals,
)

TABLES: tuple[type[Totals], ...] = (
    HourTotal,
    DayTotal,
    DayAppTotal,
    DayEndpointTotal,
    MonthTotal,
    MonthAppTotal,
    MonthEndpointTotal,
)
DAYS, OPERATIONS, APPS = 365, 60, 200
SLOTS = ("slot_8", "slot_9", "slot_10", "slot_11")


def fill(tenant: Tenant, hours: int) -> tuple[int, float]:
    """At least `hours` hour rows over 2026, and all that follows from them."""
    began = time.perf_counter()
    per_day = -(-hours // (DAYS * OPERATIONS * APPS))
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
        keys = _drop_keys(cursor)
        rows = 0
        for model in TABLES:
            cursor.execute(_insert(tenant, model, per_day))
            rows = rows or cursor.rowcount
        for statement in keys:
            cursor.execute(statement)
        for model in TABLES:
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


# What one operation of one app does in one hour: the other tables hold multiples of it.
ONE_HOUR = (
    "(SELECT op, 'operation' || op AS operation, 40 + op AS calls, op % 3 AS errors,"  # noqa: S608
    " 4000 * (40 + op)::bigint AS latency_sum_us, 4000::bigint AS request_bytes,"
    " 80000::bigint AS answer_bytes,"
    " 10 AS slot_8, 10 + op AS slot_9, 10 AS slot_10, 10 AS slot_11"
    f" FROM generate_series(1, {OPERATIONS}) op) one"
)
FILLED = ("calls", "errors", "latency_sum_us", "request_bytes", "answer_bytes", *SLOTS)


def _insert(tenant: Tenant, model: type[Totals], per_day: int) -> str:
    """Every row of one table, by arithmetic: adding twenty million rows up would take most of the time."""
    table = model._meta.db_table
    names = {field.name for field in model._meta.fields}
    times, sources = "1", [ONE_HOUR]
    columns, chosen = ["tenant_id", "environment"], [str(tenant.pk), "'sandbox'"]
    if "app" in names:
        columns.append("app_id")
        chosen.append("app.id")
        sources.append(
            f"(SELECT id FROM apps_app WHERE tenant_id = {tenant.pk} ORDER BY id LIMIT {APPS}) app"  # noqa: S608
        )
    else:
        times += f" * {APPS}"
    is_added_up = "operation" not in names
    if not is_added_up:
        columns += ["api", "operation"]
        chosen += ["'workforce'", "operation"]
    if "hour" in names:
        columns.append("hour")
        chosen.append("'2026-01-01'::timestamptz + day * interval '1 day' + (8 + h) * interval '1 hour'")
        sources += [f"generate_series(0, {DAYS - 1}) day", f"generate_series(0, {per_day - 1}) h"]
    elif "day" in names:
        columns.append("day")
        chosen.append("'2026-01-01'::date + day")
        sources.append(f"generate_series(0, {DAYS - 1}) day")
        times += f" * {per_day}"
    else:
        columns.append("month")
        chosen.append("month::date")
        sources.append("generate_series('2026-01-01'::timestamp, '2026-12-01', '1 month') month")
        times += f" * {per_day} * extract(day FROM month + interval '1 month - 1 day')::int"
    figures = [f"sum({name} * {times})" if is_added_up else f"{name} * {times}" for name in FILLED]
    grouped = f" GROUP BY {', '.join(str(n) for n in range(1, len(chosen) + 1))}" if is_added_up else ""
    return (
        f"INSERT INTO {table} ({', '.join((*columns, *FILLED))})"  # noqa: S608
        f" SELECT {', '.join((*chosen, *figures))} FROM {', '.join(sources)}{grouped}"
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


def multiply(tenant: Tenant, by: str) -> None:
    """More or fewer calls over the same apps, operations and hours: "* 100", "/ 100". The hour rows, which a
    year never reads, stay."""
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
        for model in TABLES[2:]:
            table = model._meta.db_table
            sums = ", ".join(f"{name} = {name} {by}" for name in ("calls", "errors", *SLOTS))
            cursor.execute(f"UPDATE {table} SET {sums} WHERE tenant_id = %s", [tenant.pk])  # noqa: S608
            cursor.execute(f"VACUUM FULL ANALYZE {table}")
