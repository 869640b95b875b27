"""The request log: pages, filters, the live tail, and how old lines leave."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.urls import reverse

from portal.ids import lowest_id, new_id
from usage import retention
from usage.models import HourTotal, RequestLog
from usage.recorder import record
from usage.roll_up import roll_up

NOW = datetime(2026, 10, 7, 16, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def noon() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def called(ada: Any, mallory: Any, app_of: Any, call_of: Any) -> dict[str, Any]:
    apps = {
        "payroll": app_of(ada, "Payroll"),
        "rota": app_of(ada, "Rota"),
        "theirs": app_of(mallory, "Secret"),
    }
    at = NOW.timestamp() - 3600
    for number in range(60):
        record(call_of(apps["payroll"], at=at + number, request_id=f"p-{number}", operation="getEmployee"))
    record(call_of(apps["rota"], at=at + 100, request_id="r-404", status=404, latency_us=700_000))
    record(call_of(apps["rota"], at=at + 101, request_id="r-503", status=503, environment="live"))
    record(call_of(apps["theirs"], at=at + 102, request_id="canary-1", operation="canaryOperation"))
    roll_up()
    return apps


def ids(page: str) -> list[str]:
    return re.findall(r'/usage/requests/[0-9A-Z]{26}/">([^<]+)</a>', page)


def show(client: Any, **query: str) -> str:
    answer = client.get(reverse("usage:requests"), query)
    assert answer.status_code == 200
    return str(answer.content.decode())


def test_the_newest_come_first_and_pages_meet(client: Any, vic: Any, called: Any) -> None:
    client.force_login(vic)
    first = show(client)
    older = re.search(r'id="log-older"[^>]*href="\?before=([0-9A-Z]{26})"', first)
    assert older
    second = show(client, before=older[1])
    newer = re.search(r'id="log-newer"[^>]*href="\?after=([0-9A-Z]{26})"', second)
    assert newer

    assert ids(first)[:3] == ["r-503", "r-404", "p-59"]
    assert (len(ids(first)), len(ids(second))) == (50, 12)
    assert ids(first) + ids(second) == ["r-503", "r-404", *(f"p-{n}" for n in range(59, -1, -1))]
    assert ids(show(client, after=newer[1])) == ids(first)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"status": "errors"}, ["r-503", "r-404"]),
        ({"status": "4xx"}, ["r-404"]),
        ({"status": "5xx"}, ["r-503"]),
        ({"status": "503"}, ["r-503"]),
        ({"status": "ok", "operation": "workforce/searchEmployees"}, []),
        ({"environment": "live"}, ["r-503"]),
        ({"slower": "500"}, ["r-404"]),
        ({"q": "p-17"}, ["p-17"]),
        ({"q": "canary-1"}, []),
        ({"operation": "workforce/searchEmployees"}, ["r-503", "r-404"]),
        ({"from": "2026-10-08"}, []),
        ({"to": "2026-10-06"}, []),
        ({"from": "2026-10-07", "to": "2026-10-07", "status": "404"}, ["r-404"]),
        ({"status": "nonsense", "slower": "x", "from": "x", "q": "r-404"}, ["r-404"]),
    ],
)
def test_each_filter_leaves_what_it_says(
    client: Any, vic: Any, called: Any, query: dict[str, str], found: list[str]
) -> None:
    client.force_login(vic)

    assert ids(show(client, **query)) == found


def test_an_app_filters_and_a_strangers_is_not_found(client: Any, vic: Any, called: Any) -> None:
    client.force_login(vic)

    assert ids(show(client, app=called["rota"].public_id)) == ["r-503", "r-404"]
    assert client.get(reverse("usage:requests"), {"app": called["theirs"].public_id}).status_code == 404


def test_the_live_tail_brings_what_is_new_once(client: Any, vic: Any, called: Any, call_of: Any) -> None:
    client.force_login(vic)
    newest = RequestLog.objects.of(vic.tenant).order_by("-event")[0].event
    ask = reverse("usage:requests-tail")
    assert ids(client.get(ask, {"since": newest}).content.decode()) == []

    record(call_of(called["rota"], at=NOW.timestamp() + 1, request_id="fresh"))
    record(call_of(called["theirs"], at=NOW.timestamp() + 1, request_id="canary-2"))
    roll_up()
    page = client.get(ask, {"since": newest, "status": "ok"}).content.decode()

    assert ids(page) == ["fresh"]
    following = re.search(r"since=([0-9A-Z]{26})", page)
    assert following
    assert ids(client.get(ask, {"since": following[1]}).content.decode()) == []


def test_one_call_tells_all_but_bodies_and_tokens(client: Any, vic: Any, called: Any) -> None:
    client.force_login(vic)
    event = RequestLog.objects.get(request_id="r-404").event
    page = client.get(reverse("usage:request", args=[event])).content.decode()

    for fact in ("searchEmployees", "Rota", "404", "700.00 ms", "r-404", "Sandbox"):
        assert fact in page
    assert "canary" not in show(client)


def test_old_lines_leave_and_young_ones_stay(settings: Any, ada: Any, app_of: Any, call_of: Any) -> None:
    settings.REQUEST_LOG_DAYS = 30
    app = app_of(ada, "Payroll")
    for days in (0, 1, 29, 30, 31, 45, 100, 900):
        record(call_of(app, at=NOW.timestamp() - days * 86_400, request_id=f"d-{days}"))
    roll_up()

    retention.tend()
    left = RequestLog.objects.order_by("event").values_list("request_id", flat=True)
    assert list(left) == ["d-30", "d-29", "d-1", "d-0"]
    assert HourTotal.objects.count() == 7  # only the hour of 900 days ago is past keeping


def test_the_edges_of_ids_are_those_of_time() -> None:
    for seconds in (0.0, 1.0, 1_791_000_000.25, 1_791_000_000.999):
        assert lowest_id(seconds) <= new_id(seconds)
        assert new_id(seconds - 0.001 if seconds else 0.0) < lowest_id(seconds) or seconds == 0.0


@pytest.fixture
def partitioned(db: Any) -> None:
    """The table as the migration makes it; the suite without migrations has a plain one."""
    if connection.vendor != "postgresql":
        pytest.skip("a month is a table of its own on PostgreSQL only: run with --postgres")
    if not retention.is_partitioned():
        from importlib import import_module

        with connection.schema_editor() as editor:
            import_module("usage.migrations.0005_request_log_by_month").partition(None, editor)
    for name in retention.month_tables().values():
        with connection.cursor() as cursor:
            cursor.execute(f"DROP TABLE {name}")


def test_months_get_their_tables_and_lose_them_whole(
    partitioned: None, settings: Any, ada: Any, app_of: Any, call_of: Any
) -> None:
    settings.REQUEST_LOG_DAYS = 30
    app = app_of(ada, "Payroll")
    for days in (0, 20, 29):
        record(call_of(app, at=NOW.timestamp() - days * 86_400, request_id=f"d-{days}"))
    roll_up()  # into the table of the rest
    retention.tend()

    assert list(retention.month_tables()) == [date(2026, 9, 1), date(2026, 10, 1), date(2026, 11, 1)]
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM usage_requestlog_rest")
        assert cursor.fetchone() == (0,)
        cursor.execute("SELECT count(*) FROM usage_requestlog_2026_09")
        assert cursor.fetchone() == (2,)
    with time_machine.travel(NOW + timedelta(days=26), tick=False):  # 2 November
        retention.tend()
    assert list(retention.month_tables()) == [date(2026, 10, 1), date(2026, 11, 1), date(2026, 12, 1)]
    assert list(RequestLog.objects.values_list("request_id", flat=True)) == ["d-0"]
