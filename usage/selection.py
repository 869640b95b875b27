"""What the reader asked to see, as the address says it. Whatever cannot be read means the default."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.http import Http404, QueryDict

from apps.models import App
from portal.tenancy.models import Tenant
from usage.periods import Kind, Period, period, stretch
from usage.queries import APP, ENDPOINT, Asked

SORTS = ("name", "calls", "change", "share", "errors", "rate", "p50", "p95", "p99")
NAMED = (Kind.DAY, Kind.WEEK, Kind.MONTH, Kind.YEAR)
ENVIRONMENTS = {"sandbox": "Sandbox", "live": "Live"}


@dataclass(frozen=True, slots=True)
class Selection:
    period: Period
    by: str  # "app" or "endpoint"
    app: App | None  # only its endpoints
    endpoint: tuple[str, str] | None  # only its apps: api, operation
    environment: str
    search: str
    sort: str
    open: str  # the line whose parts are shown: Line.ref
    today: date
    week_start: int

    def asked(self) -> Asked:
        by = ENDPOINT if self.by == "endpoint" else APP
        return Asked(self.period, by, self.app, self.endpoint, self.environment)

    @property
    def environments(self) -> dict[str, str]:
        return ENVIRONMENTS

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
    """?period=day|week|month|year&on=date or ?from=date&to=date, &by=app|endpoint, &app=App ID,
    &endpoint=api/operation, &environment=, &q=, &sort=, &open=. Raises Http404 for an app of somebody else.
    """
    sort = query.get("sort", "-calls")
    environment = query.get("environment", "")
    api, _, operation = query.get("endpoint", "").replace("\0", "").partition("/")
    return Selection(
        period=_period(query, tenant),
        by="endpoint" if query.get("by") == "endpoint" else "app",
        app=app_named(query.get("app", ""), tenant),
        endpoint=(api[:60], operation[:160]) if operation else None,
        environment=environment if environment in ENVIRONMENTS else "",
        search=query.get("q", "").strip()[:100],
        sort=sort if sort.removeprefix("-") in SORTS else "-calls",
        open=query.get("open", "")[:250].replace("\0", ""),
        today=tenant.today(),
        week_start=tenant.week_start,
    )


def app_named(public_id: str, tenant: Tenant) -> App | None:
    """None for no name; deleted apps have a past too. Raises Http404."""
    if not public_id:
        return None
    found: App | None = App.objects.of(tenant).filter(public_id=public_id.replace("\0", "")).first()
    if found is None:
        raise Http404
    return found


def _period(query: QueryDict, tenant: Tenant) -> Period:
    first, last = read_date(query.get("from")), read_date(query.get("to"))
    if first or last:
        return stretch(first or last or tenant.today(), last or first or tenant.today())
    kind = next((kind for kind in NAMED if kind == query.get("period")), Kind.WEEK)
    return period(kind, read_date(query.get("on")) or tenant.today(), tenant.week_start)


def read_date(text: str | None) -> date | None:
    try:
        found = date.fromisoformat(text or "")
    except ValueError:
        return None
    return found if 2000 <= found.year <= 2200 else None
