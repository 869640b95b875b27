"""Figures of a period, read from the totals only: their cost follows the lines and bars shown, never the
calls made. A year is read by months, a month by days, a day by hours."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import F, QuerySet, Sum
from django.utils import timezone

from apps.models import App
from portal.tenancy.models import Tenant
from usage.latency import COLUMNS, quantile
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
from usage.periods import Kind, Period, Unit, day_start, hour_start, hours_of

Moment = date | datetime
Key = tuple[Any, ...]
APP = ("app_id",)
ENDPOINT = ("api", "operation")


@dataclass(frozen=True, slots=True)
class Asked:
    """What to count: by app or by endpoint, perhaps of one app, one endpoint, one environment."""

    period: Period
    by: tuple[str, ...] = APP
    app: App | None = None
    endpoint: tuple[str, str] | None = None  # api, operation
    environment: str = ""

    def narrowed(self) -> dict[str, Any]:
        found: dict[str, Any] = {}
        if self.endpoint:
            found |= {"api": self.endpoint[0], "operation": self.endpoint[1]}
        if self.environment:
            found["environment"] = self.environment
        return found

    def tables(self) -> tuple[type[Totals], type[Totals]]:
        """Days and months in the coarsest grain that can answer."""
        if self.by == APP and not self.endpoint:
            return DayAppTotal, MonthAppTotal
        if self.by == ENDPOINT and not self.app:
            return DayEndpointTotal, MonthEndpointTotal
        return DayTotal, MonthTotal


@dataclass(frozen=True, slots=True)
class Line:
    """One app or endpoint in a period. Latencies in milliseconds."""

    key: Key  # (app id,) or (api, operation)
    name: str
    note: str  # the endpoint's API; "deleted" for an app that is gone
    ref: str  # how an address names it: the App ID, or api/operation
    calls: int
    errors: int
    p50: float | None
    p95: float | None
    p99: float | None
    share: float  # of the period's calls, 0 to 1
    before: int  # calls in the period before
    slots: tuple[int, ...] = field(repr=False)  # calls by latency bucket

    @property
    def error_rate(self) -> float:
        return self.errors / self.calls if self.calls else 0.0

    @property
    def error_percent(self) -> float:
        return 100 * self.error_rate

    @property
    def share_percent(self) -> float:
        return 100 * self.share

    @property
    def change(self) -> float | None:
        """Against the period before, in percent; None when there was nothing to compare with."""
        return 100 * (self.calls - self.before) / self.before if self.before else None

    @property
    def change_words(self) -> str:
        """With a sign that can be told from a dash: +12.3%, −4.0%."""
        if self.change is None:
            return "new" if self.calls else "—"
        if abs(self.change) >= 1000:
            return f"{self.calls / self.before:,.0f} ×"
        return f"{self.change:+.1f}%".replace("-", "−")


@dataclass(frozen=True, slots=True)
class Report:
    """`series[line.key][number]` counts the calls of `moments[number]`. `before` is what is compared with."""

    lines: list[Line]
    moments: list[Moment]
    series: dict[Key, list[int]]
    before: Period


def report(tenant: Tenant, asked: Asked) -> Report:
    apps = _apps(tenant, asked.app)
    places = [*apps]
    before = _before(tenant, asked.period)
    earlier = _earlier(tenant, asked, before, places)
    found: dict[Key, list[int]] = {}
    for rows in _parts(tenant, asked, places):
        _merge(found, rows, asked.by, ("calls", "errors", *COLUMNS))
    calls = sum(values[0] for values in found.values())
    lines = [
        _line(key, _named(key, apps), values, before=earlier.get(key, 0), of=calls)
        for key, values in found.items()
    ]
    lines.sort(key=lambda line: (-line.calls, line.name, line.note))
    moments = _moments(tenant, asked.period)
    return Report(lines, moments, _series(tenant, asked, places, moments), before)


def totals(lines: Sequence[Line]) -> Line:
    """The lines added up; percentiles from their merged latencies."""
    slots = [sum(column) for column in zip(*(line.slots for line in lines), strict=True)]
    values = [sum(line.calls for line in lines), sum(line.errors for line in lines), *slots]
    before = sum(line.before for line in lines)
    total = _line((), ("Total", "", ""), values, before=before, of=values[0])
    return replace(total, share=sum(line.share for line in lines))


def _apps(tenant: Tenant, only: App | None) -> dict[int, tuple[str, str, str]]:
    """Naming the apps lets every table answer from its one index: tenant, app, time."""
    if only:
        return {only.pk: (only.name, "deleted" if only.deleted_at else "", only.public_id)}
    found = App.objects.of(tenant).values_list("pk", "name", "deleted_at", "public_id")
    return {pk: (name, "deleted" if deleted else "", ref) for pk, name, deleted, ref in found}


def _named(key: Key, apps: dict[int, tuple[str, str, str]]) -> tuple[str, str, str]:
    """Name, note and reference of a line."""
    if len(key) == 1:
        return apps.get(key[0], (str(key[0]), "", ""))
    return str(key[1]), str(key[0]), "/".join(key)


def _of_apps(rows: QuerySet[Any], asked: Asked, apps: list[int]) -> QuerySet[Any]:
    """All apps need no naming where the table knows none, nor where another index finds the rows."""
    if asked.app is None and (rows.model is DayEndpointTotal or rows.model is MonthEndpointTotal):
        return rows
    if asked.endpoint and rows.model is not HourTotal:
        return rows
    return rows.filter(app__in=apps)


def _parts(tenant: Tenant, asked: Asked, apps: list[int]) -> Iterator[QuerySet[Any]]:
    """The period's rows, each once, with `moment`: whole months where bars are months, else days."""
    days, months = asked.tables()
    for is_month, first, last in _stretches(asked.period):
        table = months if is_month else days
        name = "month" if is_month else "day"
        rows = table.objects.of(tenant).filter(**asked.narrowed(), **{f"{name}__range": (first, last)})
        yield _of_apps(rows, asked, apps).annotate(moment=F(name)).order_by()


def _stretches(period: Period) -> Iterator[tuple[bool, date, date]]:
    """(whole months?, first, last) in order: at most some days, whole months, and some days."""
    first, last = period.first, period.last
    if period.unit is not Unit.MONTH:
        yield False, first, last
        return
    begin = first if first.day == 1 else (first.replace(day=1) + timedelta(days=32)).replace(day=1)
    end = (last + timedelta(days=1)).replace(day=1) - timedelta(days=1)  # of the last whole month
    if first < begin:
        yield False, first, begin - timedelta(days=1)
    if begin <= end:
        yield True, begin, end
    if end < last:
        yield False, end + timedelta(days=1), last


def _merge(into: dict[Key, list[int]], rows: QuerySet[Any], by: tuple[str, ...], figures: Any) -> None:
    width = len(by)
    for row in rows.values_list(*by).annotate(*(Sum(name) for name in figures)):
        values = [value or 0 for value in row[width:]]
        known = into.get(row[:width])
        into[row[:width]] = values if known is None else [a + b for a, b in zip(known, values, strict=True)]


def _before(tenant: Tenant, period: Period) -> Period:
    """The period before; cut to as many days as have gone of a period that still runs."""
    before = period.moved(-1, tenant.week_start)
    today = tenant.today()
    if period.first <= today < period.last:
        gone = today - period.first
        return Period(Kind.RANGE, before.first, min(before.last, before.first + gone))
    return before


def _earlier(tenant: Tenant, asked: Asked, before: Period, apps: list[int]) -> dict[Key, int]:
    """Calls by line in the period before; of yesterday only as many hours as today has had."""
    found: dict[Key, list[int]] = {}
    if asked.period.first == asked.period.last == tenant.today():
        gone = hour_start(timezone.now(), tenant.zone) - day_start(asked.period.first, tenant.zone)
        start = day_start(before.first, tenant.zone)
        rows: QuerySet[Any] = HourTotal.objects.of(tenant).filter(
            app__in=apps, hour__gte=start, hour__lte=start + gone, **asked.narrowed()
        )
        _merge(found, rows.order_by(), asked.by, ("calls",))
    else:
        for part in _parts(tenant, replace(asked, period=before), apps):
            _merge(found, part, asked.by, ("calls",))
    return {key: calls for key, (calls,) in found.items()}


def _line(key: Key, named: tuple[str, str, str], values: list[int], *, before: int, of: int) -> Line:
    calls, errors, *slots = values
    p50, p95, p99 = (_milliseconds(quantile(slots, share)) for share in (0.5, 0.95, 0.99))
    name, note, ref = named
    share = calls / of if of else 0.0
    return Line(key, name, note, ref, calls, errors, p50, p95, p99, share, before, tuple(slots))


def _milliseconds(microseconds: float | None) -> float | None:
    return None if microseconds is None else microseconds / 1000


def _moments(tenant: Tenant, period: Period) -> list[Moment]:
    match period.unit:
        case Unit.HOUR:
            return [*hours_of(period.first, tenant.zone)]
        case Unit.DAY:
            return [*period.days()]
        case Unit.MONTH:
            return [*period.months()]


def _series(tenant: Tenant, asked: Asked, apps: list[int], moments: list[Moment]) -> dict[Key, list[int]]:
    places = {moment: number for number, moment in enumerate(moments)}
    series: dict[Key, list[int]] = {}
    for rows in _bars(tenant, asked, apps, moments):
        for *key, moment, calls in rows.values_list(*asked.by, "moment").annotate(Sum("calls")):
            place = places.get(moment.replace(day=1) if asked.period.unit is Unit.MONTH else moment)
            if place is not None:
                series.setdefault(tuple(key), [0] * len(moments))[place] += calls
    return series


def _bars(tenant: Tenant, asked: Asked, apps: list[int], moments: list[Moment]) -> Iterator[QuerySet[Any]]:
    if asked.period.unit is not Unit.HOUR:
        yield from _parts(tenant, asked, apps)
        return
    rows = HourTotal.objects.of(tenant).filter(app__in=apps, hour__range=(moments[0], moments[-1]))
    yield rows.filter(**asked.narrowed()).annotate(moment=F("hour")).order_by()
