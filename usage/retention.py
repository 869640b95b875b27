"""Old rows leave a few at a time, so that nobody waits for it; whole months as one table on PostgreSQL.

There the request log is partitioned by month of its key. A month's table goes once it is past keeping; what
belongs to no month's table is kept in `usage_requestlog_rest`.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

from django.conf import settings
from django.db import OperationalError, connection, transaction
from django.utils import timezone

from apps.models import App
from portal.ids import lowest_id
from usage.models import HourTotal, RequestLog

log = logging.getLogger(__name__)
AT_ONCE = 5_000  # rows that one transaction deletes
AHEAD = 40  # days for which the log has a table of its own
TABLE = "usage_requestlog"
REST = f"{TABLE}_rest"


def tend() -> int:
    """Makes the tables of the months to come and removes what is past keeping. Returns how many log rows."""
    now = timezone.now()
    oldest = now - timedelta(days=settings.REQUEST_LOG_DAYS)
    if is_partitioned():
        for month in _months(oldest.date(), (now + timedelta(days=AHEAD)).date()):
            _give_a_table(month)
        _drop_months(before=oldest.date())
    _remove_hours(now - timedelta(days=settings.USAGE_HOUR_DAYS))
    return _remove_log(oldest)


def is_partitioned() -> bool:
    if connection.vendor != "postgresql":
        return False
    with connection.cursor() as cursor:
        cursor.execute("SELECT relkind = 'p' FROM pg_class WHERE oid = to_regclass(%s)", [TABLE])
        row = cursor.fetchone()
    return bool(row and row[0])


def month_tables() -> dict[date, str]:
    """The first day of each month that has a table, and the table's name."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid"
            " WHERE inhparent = to_regclass(%s) ORDER BY relname",
            [TABLE],
        )
        names = [str(name) for (name,) in cursor.fetchall()]
    found = {}
    for name in names:
        year, _, month = name.removeprefix(f"{TABLE}_").partition("_")
        if month:
            found[date(int(year), int(month), 1)] = name
    return found


def _months(first: date, last: date) -> Iterator[date]:
    month = first.replace(day=1)
    while month <= last:
        yield month
        month = _after(month)


def _after(month: date) -> date:
    return (month + timedelta(days=32)).replace(day=1)


def _edge(month: date) -> str:
    return lowest_id(datetime(month.year, month.month, 1, tzinfo=UTC).timestamp())


def _give_a_table(month: date) -> None:
    """Moves what the month has in the rest table, in the transaction that hangs its own table in."""
    if month in month_tables():
        return
    name, low, high = f"{TABLE}_{month:%Y_%m}", _edge(month), _edge(_after(month))
    with _patiently(), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL lock_timeout = '2s'")
        cursor.execute(f"CREATE TABLE {name} (LIKE {TABLE} INCLUDING DEFAULTS INCLUDING CONSTRAINTS)")
        cursor.execute(
            f"WITH moved AS (DELETE FROM {REST} WHERE event >= %s AND event < %s RETURNING *)"  # noqa: S608
            f" INSERT INTO {name} SELECT * FROM moved",
            [low, high],
        )
        cursor.execute(f"ALTER TABLE {TABLE} ATTACH PARTITION {name} FOR VALUES FROM ('{low}') TO ('{high}')")


def _drop_months(*, before: date) -> None:
    """Dropping a table waits for nobody longer than two seconds, and nobody longer for it: else tomorrow."""
    for month, name in month_tables().items():
        if _after(month) <= before:
            with _patiently(), transaction.atomic(), connection.cursor() as cursor:
                cursor.execute("SET LOCAL lock_timeout = '2s'")
                cursor.execute(f"DROP TABLE {name}")


class _patiently:
    """A lock that is not to be had is no error here."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: object, trace: object) -> bool:
        if isinstance(error, OperationalError):
            log.warning("usage.retention_waits")
            return True
        return False


def _remove_log(oldest: datetime) -> int:
    edge, removed = lowest_id(oldest.timestamp()), 0
    while True:
        keys = list(
            RequestLog.objects.filter(event__lt=edge).order_by("event").values_list("pk", flat=True)[:AT_ONCE]
        )
        if not keys:
            return removed
        removed += RequestLog.objects.filter(event__gte=keys[0], event__lte=keys[-1]).delete()[0]


def _remove_hours(oldest: datetime) -> None:
    """App by app, so that the table's one index finds them."""
    for tenant, app in App.objects.values_list("tenant", "pk").order_by("pk"):
        while True:
            old = HourTotal.objects.filter(tenant=tenant, app=app, hour__lt=oldest)
            keys = list(old.values_list("pk", flat=True)[:AT_ONCE])
            if not keys:
                break
            HourTotal.objects.filter(pk__in=keys).delete()
