"""Believable history for a tenant to look around in: working hours, weekends, errors, and one slow day.

Written as totals, an hour at a time; only the newest days also get lines in the request log.
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from django.db import transaction
from django.utils import timezone

from apps.models import App
from portal.ids import new_id
from portal.tenancy.models import Tenant
from usage.latency import BUCKETS, bucket
from usage.models import DayAppTotal, RequestLog
from usage.periods import hours_of
from usage.rows import Row, add, insert
from usage.store import LOG_COLUMNS
from usage.tally import FIGURES

API = "workforce"
WEEKDAYS = (1.0, 1.08, 1.04, 1.0, 0.9, 0.22, 0.16)  # Monday to Sunday
SLOW_DAY = 9  # days ago
LOG_DAYS = 2
AT_ONCE = 3  # days that one transaction writes: others write in between


@dataclass(frozen=True, slots=True)
class Habit:
    """How one kind of app calls."""

    operations: tuple[str, ...]
    calls_a_day: int
    hours: tuple[int, int]  # of the day in which it works
    failing: float  # share of its calls

    def share(self, hour: int) -> float:
        first, last = self.hours
        return 1.0 / (last - first) if first <= hour < last else 0.0


HABITS = (
    Habit(("searchEmployees", "searchSegments", "searchAdherences"), 240, (7, 20), 0.012),
    Habit(("searchSegments", "searchSegmentDefinitions", "searchEmployees"), 420, (1, 5), 0.004),
    Habit(("searchPersonalAccounts", "searchEmployees", "searchPersonalAccountBalances"), 160, (8, 18), 0.03),
    Habit(("searchAdherences", "searchIdpSummaries", "searchEmployees"), 1900, (6, 22), 0.008),
)
STATUSES = (400, 404, 404, 429, 429, 500)


def simulate(tenant: Tenant, *, days: int, seed: int = 7) -> int:
    """Fills the last `days` days of which the tenant has no call, newest first. Returns how many calls.

    Safe to run again, and to be stopped: a day is written whole or not at all.
    """
    apps = list(App.objects.of(tenant).living().filter(console_of=None).order_by("pk"))
    today = tenant.today()
    recent = DayAppTotal.objects.of(tenant).filter(day__gt=today - timedelta(days=days))
    taken = set(recent.values_list("day", flat=True))
    free = [day for n in range(days) if (day := today - timedelta(days=n)) not in taken]
    calls = 0
    for start in range(0, len(free), AT_ONCE):
        with transaction.atomic():
            for day in free[start : start + AT_ONCE]:
                calls += _write(tenant, apps, day, (today - day).days, random.Random(f"{seed} {day}"))  # noqa: S311
    return calls


def _write(tenant: Tenant, apps: list[App], day: date, ago: int, draw: random.Random) -> int:
    rows: list[Row] = []
    lines: list[Row] = []
    for app, habit in zip(apps, HABITS * (1 + len(apps) // len(HABITS)), strict=False):
        for hour, operation, count in _hours(tenant, habit, day, ago, draw):
            latencies = [_latency(ago, draw) for _ in range(count)]
            failing = habit.failing * (4 if ago == SLOW_DAY else 1)
            statuses = [draw.choice(STATUSES) if draw.random() < failing else 200 for _ in latencies]
            sums = _sums(latencies, statuses)
            place = (tenant.pk, app.pk, API, operation, "sandbox", hour, day, day.replace(day=1))
            rows.append((*place, *sums))
            if ago < LOG_DAYS:
                lines += _lines(tenant, app, operation, hour, latencies, statuses, draw)
    add(rows)
    insert(RequestLog, LOG_COLUMNS, lines)
    return sum(int(str(row[8])) for row in rows)


def _hours(
    tenant: Tenant, habit: Habit, day: date, ago: int, draw: random.Random
) -> Iterator[tuple[datetime, str, int]]:
    """Whole hours that are over: the one that runs is left to real calls."""
    growth = max(0.4, 1 - ago / 300)
    over = timezone.now() - timedelta(hours=1)
    for hour in hours_of(day, tenant.zone):
        expected = (
            habit.calls_a_day * habit.share(hour.astimezone(tenant.zone).hour) * WEEKDAYS[day.weekday()]
        )
        if hour > over or not expected:
            continue
        for place, operation in enumerate(habit.operations):
            count = round(expected * growth * (0.55, 0.3, 0.15)[place % 3] * draw.uniform(0.7, 1.3))
            if count:
                yield hour, operation, count


def _latency(ago: int, draw: random.Random) -> int:
    slow = 9 if ago == SLOW_DAY else 1
    return int(draw.lognormvariate(math.log(6500 * slow), 0.6))


def _sums(latencies: list[int], statuses: list[int]) -> list[int]:
    sums = [0] * (FIGURES + BUCKETS)
    sums[0] = len(latencies)
    sums[1] = sum(status >= 400 for status in statuses)
    sums[2] = sum(latencies)
    sums[3], sums[4] = 180 * len(latencies), 2400 * len(latencies)
    for latency in latencies:
        sums[FIGURES + bucket(latency)] += 1
    return sums


def _lines(
    tenant: Tenant,
    app: App,
    operation: str,
    hour: datetime,
    latencies: list[int],
    statuses: list[int],
    draw: random.Random,
) -> Iterator[Row]:
    for latency, status in zip(latencies, statuses, strict=True):
        at = hour.timestamp() + draw.uniform(0, 3599)
        facts = (API, operation, "sandbox", "POST", status, latency, 180, 2400, new_id(at))
        yield (new_id(at), datetime.fromtimestamp(at, UTC), tenant.pk, app.pk, *facts)
