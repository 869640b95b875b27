"""An app's rate limit and how much of it is used now, read where the gateway counts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from redis.exceptions import RedisError

from apps.models import App
from portal import valkey
from usage import plan
from usage.models import DayTotal
from usage.plan import Limit

SHOWN = 8  # operations, the most called of the last days first
RECENT = 7  # days


@dataclass(frozen=True, slots=True)
class Window:
    """One operation: `used` calls of `limit` in the window that runs; None while nobody can say."""

    api: str
    operation: str
    limit: Limit
    used: int | None

    @property
    def percent(self) -> int:
        return min(100, round(100 * (self.used or 0) / self.limit.calls))


def windows(app: App, today: date) -> list[Window]:
    rows = DayTotal.objects.of(app.tenant).filter(app=app, day__gt=today - timedelta(days=RECENT))
    sums: dict[tuple[str, str], int] = {}
    for api, operation, calls in rows.values_list("api", "operation", "calls"):
        sums[api, operation] = sums.get((api, operation), 0) + calls
    limits = plan.limits()
    busiest = sorted((key for key in sums if key[0] in limits), key=lambda key: (-sums[key], key))[:SHOWN]
    counts = _counts([plan.rate_key(app.pk, *key) for key in busiest])
    return [
        Window(*key, Limit(app.rate_limit or limits[key[0]].calls, limits[key[0]].seconds), count)
        for key, count in zip(busiest, counts, strict=True)
    ]


def _counts(keys: list[str]) -> list[int | None]:
    if not keys:
        return []
    try:
        return [int(count or 0) for count in valkey.command("MGET", *keys)]
    except (valkey.Away, RedisError):
        return [None] * len(keys)
