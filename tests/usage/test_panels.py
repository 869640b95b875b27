"""What other pages show of usage, and the history made up for the demo."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db.models import Sum
from django.urls import reverse

from apps.models import App
from catalog.models import Operation
from usage.models import Alarm, DayTotal, HourTotal, RequestLog
from usage.recorder import record
from usage.roll_up import roll_up
from usage.rows import GRAINS
from usage.services import create_alert
from usage.simulation import HABITS, SLOW_DAY, simulate

NOW = datetime(2026, 10, 7, 16, 0, tzinfo=UTC)


@pytest.fixture
def noon() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


def test_home_tells_of_the_week_the_errors_and_the_alarms(
    noon: Any, client: Any, ada: Any, vic: Any, mallory: Any, app_of: Any, call_of: Any
) -> None:
    for number in range(4):
        record(call_of(app_of(ada, f"App {number}"), at=NOW.timestamp(), status=404, operation=f"op{number}"))
    record(call_of(app_of(mallory, "canary"), at=NOW.timestamp(), status=500, operation="canaryOp"))
    roll_up()
    alert = create_alert(measure="errors", app=None, threshold=5, audience="nobody", by=ada)
    Alarm.objects.create(tenant=ada.tenant, alert=alert, value=12.5)
    client.force_login(vic)
    page = client.get(reverse("usage:home")).content.decode()

    assert "All apps: error rate of 5% or more" in page
    assert "12.5%" in page
    assert "Wed 7 Oct: 4 calls" in page
    assert [page.count(f"op{number}") for number in range(4)] == [1] * 4
    assert "canary" not in page
    assert reverse("usage:home") in client.get("/").content.decode()


def test_home_without_calls_says_what_to_do(client: Any, vic: Any) -> None:
    client.force_login(vic)
    page = client.get(reverse("usage:home")).content.decode()

    assert "Nothing was called this week yet" in page
    assert "No call failed lately" in page


def test_an_app_shows_its_limit_and_what_is_used_now(
    client: Any, ada: Any, vic: Any, token_for: Any, gateway: Any
) -> None:
    token = token_for(ada, name="Client")
    for _ in range(3):
        gateway("POST", "/sandbox/workforce/v1/search/employees", token=token, body={})
    roll_up()
    app = App.objects.get(name="Client")
    client.force_login(vic)
    page = client.get(reverse("usage:app", args=[app.public_id])).content.decode()

    assert "searchEmployees" in page
    assert '<td class="num">3</td>' in page
    assert "in 60 s" in page


def test_history_fills_free_days_and_agrees_in_every_table(
    noon: Any, ada: Any, workforce: Any, app_of: Any, call_of: Any
) -> None:
    apps = [app_of(ada, f"App {number}") for number in range(4)]
    record(call_of(apps[0], at=NOW.timestamp() - 3 * 86_400))
    roll_up()
    began = time.perf_counter()
    calls = simulate(ada.tenant, days=12)
    took = time.perf_counter() - began

    sums = {model.objects.aggregate(n=Sum("calls"))["n"] for model, _ in GRAINS}
    assert sums == {calls + 1}
    assert calls > 12_000
    assert simulate(ada.tenant, days=12) == 0
    days = dict(DayTotal.objects.values_list("day").annotate(Sum("calls")))
    today = NOW.date()
    assert days[today - timedelta(days=3)] == 1  # a day with a real call is left alone
    assert (
        days[today - timedelta(days=1)] > 3 * days[today - timedelta(days=4)]
    )  # Tuesday, and Saturday's quiet
    slow = DayTotal.objects.filter(day=today - timedelta(days=SLOW_DAY))
    usual = DayTotal.objects.filter(day=today - timedelta(days=SLOW_DAY - 1))

    def mean(rows: Any) -> float:
        found = rows.aggregate(n=Sum("calls"), us=Sum("latency_sum_us"))
        return float(found["us"] / found["n"])

    assert mean(slow) > 4 * mean(usual)
    assert HourTotal.objects.filter(hour__gt=NOW - timedelta(hours=1)).count() == 0
    assert RequestLog.objects.filter(status__gte=400).count() > 0
    known = set(Operation.objects.values_list("operation_id", flat=True))
    assert {name for habit in HABITS for name in habit.operations} <= known
    assert took < 6
