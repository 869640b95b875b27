"""Figures of a period, read from the day and hour totals only: their cost follows apps, operations and
days shown, never calls made."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from django.db.models import F, QuerySet, Sum
from django.db.models.functions import TruncMonth

from apps.models import App
from portal.tenancy.models import Tenant
from usage.latency import COLUMNS, quantile
from usage.models import DayAppTotal, DayTotal, HourTotal
from usage.periods import Period, Unit, hours_of

Moment = date | datetime
APP = ("app_id",)
ENDPOINT = ("api", "operation")


@dataclass(frozen=True, slots=True)
class Line:
    """One app or endpoint in a period. Latencies in milliseconds."""

    key: tuple[Any, ...]  # (app id,) or (api, operation)
    name: str
    note: str  # the endpoint's API; "deleted" for an app that is gone
    calls: int
    errors: int
    p50: float | None
    p95: float | None
    share: float  # of the period's calls, 0 to 1
    slots: tuple[int, ...]  # calls by latency bucket

    @property
    def error_rate(self) -> float:
        return self.errors / self.calls if self.calls else 0.0

    @property
    def error_percent(self) -> float:
        return 100 * self.error_rate

    @property
    def share_percent(self) -> float:
        return 100 * self.share


@dataclass(frozen=True, slots=True)
class Report:
    """`series[line.key][number]` counts the calls of `moments[number]`."""

    lines: list[Line]
    moments: list[Moment]
    series: dict[tuple[Any, ...], list[int]]


def calls_by_app(tenant: Tenant, period: Period) -> Report:
    apps = _apps(tenant)
    days = DayAppTotal.objects.of(tenant).filter(app__in=apps, day__range=(period.first, period.last))
    names = {(pk,): (name, "deleted" if deleted else "") for pk, (name, deleted) in apps.items()}
    return _report(tenant, period, APP, apps, days, names)


def calls_by_operation(tenant: Tenant, period: Period) -> Report:
    apps = _apps(tenant)
    days = DayTotal.objects.of(tenant).filter(app__in=apps, day__range=(period.first, period.last))
    return _report(tenant, period, ENDPOINT, apps, days, {})


def _apps(tenant: Tenant) -> dict[int, tuple[str, bool]]:
    """Naming the apps lets every table answer from its one index: tenant, app, time."""
    found = App.objects.of(tenant).values_list("pk", "name", "deleted_at")
    return {pk: (name, deleted is not None) for pk, name, deleted in found}


def _report(
    tenant: Tenant,
    period: Period,
    by: tuple[str, ...],
    apps: Iterable[int],
    days: QuerySet[Any],
    names: dict[tuple[Any, ...], tuple[str, str]],
) -> Report:
    figures = [Sum(name) for name in ("calls", "errors", *COLUMNS)]
    rows = list(days.order_by().values_list(*by).annotate(*figures))
    width = len(by)
    calls = sum(row[width] for row in rows)
    lines = []
    for row in rows:
        key = row[:width]
        name, note = names.get(key) or (str(key[-1]), str(key[0]))
        slots = tuple(count or 0 for count in row[width + 2 :])
        lines.append(_line(key, name, note, row[width], row[width + 1], slots, of=calls))
    lines.sort(key=lambda line: (-line.calls, line.name))
    moments = _moments(tenant, period)
    return Report(lines, moments, _series(tenant, period, by, apps, days, moments))


def totals(lines: Sequence[Line]) -> Line:
    """The lines added up; percentiles from their merged latencies."""
    slots = tuple(map(sum, zip(*(line.slots for line in lines), strict=True)))
    calls = sum(line.calls for line in lines)
    total = _line((), "Total", "", calls, sum(line.errors for line in lines), slots, of=calls)
    return replace(total, share=sum(line.share for line in lines))


def _line(
    key: tuple[Any, ...], name: str, note: str, calls: int, errors: int, slots: tuple[int, ...], *, of: int
) -> Line:
    p50, p95 = quantile(slots, 0.5), quantile(slots, 0.95)
    return Line(
        key=key,
        name=name,
        note=note,
        calls=calls,
        errors=errors,
        p50=None if p50 is None else p50 / 1000,
        p95=None if p95 is None else p95 / 1000,
        share=calls / of if of else 0.0,
        slots=slots,
    )


def _moments(tenant: Tenant, period: Period) -> list[Moment]:
    match period.unit:
        case Unit.HOUR:
            return [*hours_of(period.first, tenant.zone)]
        case Unit.DAY:
            return [*period.days()]
        case Unit.MONTH:
            return [*period.months()]


def _series(
    tenant: Tenant,
    period: Period,
    by: tuple[str, ...],
    apps: Iterable[int],
    days: QuerySet[Any],
    moments: list[Moment],
) -> dict[tuple[Any, ...], list[int]]:
    rows: QuerySet[Any] = days.annotate(moment=F("day"))
    if period.unit is Unit.MONTH:
        rows = days.annotate(moment=TruncMonth("day"))
    elif period.unit is Unit.HOUR:
        span = (moments[0], moments[-1])
        rows = HourTotal.objects.of(tenant).filter(app__in=apps, hour__range=span).annotate(moment=F("hour"))
    places = {moment: number for number, moment in enumerate(moments)}
    series: dict[tuple[Any, ...], list[int]] = {}
    for *key, moment, calls in rows.order_by().values_list(*by, "moment").annotate(Sum("calls")):
        if moment in places:
            series.setdefault(tuple(key), [0] * len(moments))[places[moment]] += calls
    return series
