"""What alerts watch, read from the totals: a look costs the same however much is called."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Max, QuerySet, Sum

from apps.models import App
from portal.ids import lowest_id
from usage import plan
from usage.latency import COLUMNS, quantile
from usage.models import Alert, DayAppTotal, HourTotal, Measure, RequestLog
from usage.periods import hour_start

FEWEST = 20  # calls below which a rate or a percentile says nothing


def value_of(alert: Alert, now: datetime) -> float | None:
    """In the unit of the alert's threshold; None when there is too little to judge by."""
    return _READ[Measure(alert.measure)](alert, now)


def _apps(alert: Alert) -> list[int]:
    if alert.app_id:
        return [alert.app_id]
    return list(App.objects.of(alert.tenant).values_list("pk", flat=True))


def _hours(alert: Alert, now: datetime) -> QuerySet[Any]:
    """The hour that runs and the one before it."""
    since = hour_start(now, alert.tenant.zone) - timedelta(hours=1)
    rows: QuerySet[Any] = HourTotal.objects.of(alert.tenant)
    return rows.filter(app__in=_apps(alert), hour__gte=since).order_by()


def _calls(alert: Alert, now: datetime) -> float | None:
    today = now.astimezone(alert.tenant.zone).date()
    rows = DayAppTotal.objects.of(alert.tenant).filter(app__in=_apps(alert), day=today)
    return float(rows.aggregate(n=Sum("calls"))["n"] or 0)


def _errors(alert: Alert, now: datetime) -> float | None:
    sums = _hours(alert, now).aggregate(calls=Sum("calls"), errors=Sum("errors"))
    calls = sums["calls"] or 0
    return 100 * sums["errors"] / calls if calls >= FEWEST else None


def _slowness(alert: Alert, now: datetime) -> float | None:
    slots = list(_hours(alert, now).aggregate(**{name: Sum(name) for name in COLUMNS}).values())
    if sum(count or 0 for count in slots) < FEWEST:
        return None
    found = quantile(slots, 0.95)
    return None if found is None else found / 1000


def _quota(alert: Alert, now: datetime) -> float | None:
    """The busiest operation's calls in an hour, as a share of what its rate limit lets through in an hour."""
    limits = plan.limits()
    own = dict(App.objects.of(alert.tenant).values_list("pk", "rate_limit"))
    rows = _hours(alert, now).values_list("app_id", "api", "operation", "hour").annotate(Sum("calls"))
    shares = [
        100 * calls * limits[api].seconds / (3600 * (own.get(app) or limits[api].calls))
        for app, api, _, _, calls in rows
        if api in limits
    ]
    return max(shares, default=None)


def _silence(alert: Alert, now: datetime) -> float | None:
    """Hours since the last call; None before the first one ever."""
    rows = HourTotal.objects.of(alert.tenant).filter(app__in=_apps(alert))
    newest_hours = rows.order_by().values_list("app_id").annotate(Max("hour"))
    hour = max((hour for _, hour in newest_hours), default=None)
    if hour is None:
        return None
    calls = RequestLog.objects.of(alert.tenant).filter(event__gte=lowest_id(hour.timestamp()))
    if alert.app_id:
        calls = calls.filter(app=alert.app_id)
    newest = calls.order_by("-event").values_list("at", flat=True).first()
    since: timedelta = now - (newest or hour + timedelta(hours=1))
    return max(0.0, since.total_seconds() / 3600)


_READ: dict[Measure, Callable[[Alert, datetime], float | None]] = {
    Measure.CALLS: _calls,
    Measure.QUOTA: _quota,
    Measure.ERRORS: _errors,
    Measure.SLOWNESS: _slowness,
    Measure.SILENCE: _silence,
}
