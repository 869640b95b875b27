"""Old rows leave while others go on writing and reading."""

from __future__ import annotations

import threading
import time
from contextlib import closing
from typing import Any

import pytest
from django.db import DatabaseError, connection

from usage import retention
from usage.event import encode
from usage.models import HourTotal, RequestLog
from usage.store import count_events
from usage.tally import read_batch

OLD = 3_000  # rows of the log, and hours, that are past keeping


@pytest.mark.django_db(transaction=True)
def test_nobody_waits_for_a_lock_while_old_rows_leave(
    settings: Any, ada: Any, app_of: Any, call_of: Any, monkeypatch: Any
) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite lets one write at a time: run with --postgres")
    monkeypatch.setattr(retention, "AT_ONCE", 250)
    app, long_ago = app_of(ada, "Payroll"), time.time() - 900 * 86_400
    count_events(read_batch([encode(call_of(app, at=long_ago - number * 3600)) for number in range(OLD)]))
    assert (RequestLog.objects.count(), HourTotal.objects.count()) == (OLD, OLD)
    is_over, counted, trouble = threading.Event(), [0], []
    deleted: list[int] = []  # rows, by statement

    def others() -> None:
        """A roll-up and a reader; PostgreSQL itself complains when one has to wait for a lock."""
        with closing(connection):
            with connection.cursor() as cursor:
                cursor.execute("SET lock_timeout = '1s'")
            try:
                while not is_over.is_set() or not counted[0]:
                    counted[0] += count_events(read_batch([encode(call_of(app, at=time.time()))])).counted
                    assert RequestLog.objects.filter(app_id=app.pk).order_by("-event").first()
            except DatabaseError as error:
                trouble.append(error)

    def watch(execute: Any, sql: str, *more: Any) -> Any:
        answer = execute(sql, *more)
        if sql.startswith("DELETE"):
            deleted.append(more[-1]["cursor"].rowcount)
        return answer

    thread = threading.Thread(target=others)
    thread.start()
    with connection.execute_wrapper(watch):
        removed = retention.tend()
    is_over.set()
    thread.join()

    assert trouble == []
    assert removed == OLD
    assert max(deleted) == retention.AT_ONCE
    assert RequestLog.objects.count() == counted[0] > 0
    assert HourTotal.objects.filter(calls__gt=0).count() <= 2
