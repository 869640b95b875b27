"""What the reader asked to see, as the address says it. Whatever cannot be read means the default."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.http import QueryDict

from portal.tenancy.models import Tenant
from usage.periods import Kind, Period, period, stretch

SORTS = ("name", "calls", "errors", "rate", "p50", "p95")
NAMED = (Kind.DAY, Kind.WEEK, Kind.MONTH, Kind.YEAR)


@dataclass(frozen=True, slots=True)
class Selection:
    period: Period
    by: str  # "app" or "endpoint"
    search: str
    sort: str
    today: date
    week_start: int

    @property
    def noun(self) -> str:
        return "Endpoint" if self.by == "endpoint" else "App"

    @property
    def is_current(self) -> bool:
        return self.period.first <= self.today <= self.period.last

    @property
    def empty_title(self) -> str:
        if self.is_current and self.period.kind is not Kind.RANGE:
            return (
                "No calls today" if self.period.kind is Kind.DAY else f"No calls in this {self.period.kind}"
            )
        return f"No calls: {self.period.title}"

    @property
    def before(self) -> Period:
        return self.period.moved(-1, self.week_start)

    @property
    def after(self) -> Period | None:
        return self.period.moved(1, self.week_start) if self.period.last < self.today else None

    @property
    def kinds(self) -> list[tuple[Kind, date]]:
        """The other ways to look, each at a day of what is shown now."""
        day = self.today if self.is_current else self.period.first
        return [(kind, day) for kind in NAMED]


def selection(query: QueryDict, tenant: Tenant) -> Selection:
    """?period=day|week|month|year&on=date or ?from=date&to=date, &by=app|endpoint, &q=, &sort=."""
    sort = query.get("sort", "-calls")
    return Selection(
        period=_period(query, tenant),
        by="endpoint" if query.get("by") == "endpoint" else "app",
        search=query.get("q", "").strip()[:100],
        sort=sort if sort.removeprefix("-") in SORTS else "-calls",
        today=tenant.today(),
        week_start=tenant.week_start,
    )


def _period(query: QueryDict, tenant: Tenant) -> Period:
    first, last = _date(query.get("from")), _date(query.get("to"))
    if first or last:
        return stretch(first or last or tenant.today(), last or first or tenant.today())
    kind = next((kind for kind in NAMED if kind == query.get("period")), Kind.WEEK)
    return period(kind, _date(query.get("on")) or tenant.today(), tenant.week_start)


def _date(text: str | None) -> date | None:
    try:
        found = date.fromisoformat(text or "")
    except ValueError:
        return None
    return found if 2000 <= found.year <= 2200 else None
