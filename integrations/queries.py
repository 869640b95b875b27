"""What the pages show."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Q, QuerySet

from integrations import matching
from integrations.connectors import PROVIDERS
from integrations.connectors.base import Provider
from integrations.models import READ, SYNC, Employee, Integration, Record, Sync
from portal.runs.models import LIVE, Run, State
from portal.tenancy.models import Tenant

Side = Employee.Side
FILTERS = {
    "open": "To do",
    "matched": "Matched",
    "shared": "Shared address",
    "left": "Left",
    "all": "Everybody",
}


@dataclass(frozen=True, slots=True)
class Card:
    """One integration as the list shows it."""

    integration: Integration
    provider: Provider
    state: str  # active, disabled, syncing, attention, held, unfinished
    last: Sync | None
    live: Run | None

    @property
    def badge(self) -> tuple[str, str]:
        """Its look and its word."""
        return {
            "active": ("ok", "Active"),
            "disabled": ("neutral", "Disabled"),
            "syncing": ("info", "Syncing"),
            "attention": ("bad", "Needs attention"),
            "held": ("warn", "Waiting for you"),
            "unfinished": ("neutral", "Set-up not finished"),
        }[self.state]


def cards_of(tenant: Tenant) -> list[Card]:
    return [card_of(one) for one in Integration.objects.of(tenant).select_related("app", "tenant")]


def card_of(integration: Integration) -> Card:
    last = Sync.objects.filter(integration=integration).select_related("run").first()
    live = last.run if last is not None and last.run.state in LIVE else None
    return Card(integration, PROVIDERS[integration.provider], _state(integration, last, live), last, live)


def _state(integration: Integration, last: Sync | None, live: Run | None) -> str:
    if not integration.is_enabled:
        return "disabled"
    if live is not None:
        return "syncing"
    if last is not None and last.run.state == State.HELD:
        return "held"
    stopped = any(one.stopped for one in integration.mappings.all())
    if integration.trouble or stopped or (last is not None and last.run.state == State.FAILED):
        return "attention"
    return "active" if integration.is_ready else "unfinished"


def live_run(integration: Integration, kind: str) -> Run | None:
    runs = Run.objects.of(integration.tenant).filter(kind=kind, subject=integration.subject, state__in=LIVE)
    return runs.first()


def reading(integration: Integration) -> Run | None:
    return live_run(integration, READ)


def last_reading(integration: Integration) -> Run | None:
    return Run.objects.of(integration.tenant).filter(kind=READ, subject=integration.subject).first()


def syncing(integration: Integration) -> Run | None:
    return live_run(integration, SYNC)


# ---------------------------------------------------------------- people


def sources(integration: Integration, *, show: str, search: str = "") -> QuerySet[Employee]:
    people = integration.employees.filter(side=Side.SOURCE).select_related("link__target")
    chosen = people.filter(_shown(show))
    return _found(chosen, search).order_by("last_name", "first_name", "pk")


def _shown(show: str) -> Q:
    gone = Q(is_leaver=True) | Q(is_present=False)
    return {
        "open": Q(link=None, is_shared=False) & ~gone,
        "matched": Q(link__isnull=False),
        "shared": Q(link=None, is_shared=True) & ~gone,
        "left": gone,
        "all": Q(),
    }[show]


def _found(people: QuerySet[Employee], search: str) -> QuerySet[Employee]:
    for word in matching.fold(search.replace("\0", "")).split():
        people = people.filter(Q(name_key__contains=word) | Q(mail_key__contains=word))
    return people


def counts(integration: Integration) -> dict[str, int]:
    people = integration.employees.filter(side=Side.SOURCE)
    found = {show: people.filter(_shown(show)).count() for show in FILTERS}
    found["unconfirmed"] = integration.links.filter(is_confirmed=False).count()
    found["targets"] = free_targets(integration).count()
    return found


def free_targets(integration: Integration, search: str = "") -> QuerySet[Employee]:
    people = integration.employees.filter(
        side=Side.TARGET, is_present=True, is_leaver=False, target_link=None
    )
    return _found(people, search).order_by("last_name", "first_name", "pk")


@dataclass(frozen=True, slots=True)
class Row:
    source: Employee
    target: Employee | None
    suggestion: Employee | None = None
    reason: str = ""


def rows_of(integration: Integration, people: list[Employee]) -> list[Row]:
    """Each with whom they are mapped to, or a suggestion and why. Two queries, however many people."""
    free = free_targets(integration)
    mails = [one.mail_key for one in people if one.mail_key]
    names = [one.name_key for one in people if one.name_key]
    by_mail, by_name = (
        _unique(free.filter(mail_key__in=mails), "mail_key"),
        _unique(free.filter(name_key__in=names), "name_key"),
    )
    return [_row(one, by_mail, by_name) for one in people]


def _unique(people: QuerySet[Employee], field: str) -> dict[str, Employee]:
    found: dict[str, list[Employee]] = {}
    for one in people:
        found.setdefault(getattr(one, field), []).append(one)
    return {key: those[0] for key, those in found.items() if len(those) == 1}


def _row(source: Employee, by_mail: dict[str, Employee], by_name: dict[str, Employee]) -> Row:
    link = getattr(source, "link", None)
    if link is not None:
        return Row(source, link.target)
    if found := by_mail.get(source.mail_key):
        reason = (
            matching.SAME_MAIL if found.name_key != source.name_key else "Same e-mail and name, but shared"
        )
        return Row(source, None, found, reason)
    if found := by_name.get(source.name_key):
        lacks = not (found.mail_key and source.mail_key)
        return Row(source, None, found, matching.SAME_NAME_NO_MAIL if lacks else matching.SAME_NAME)
    return Row(source, None)


# ---------------------------------------------------------------- runs


def syncs_of(integration: Integration) -> QuerySet[Sync]:
    return Sync.objects.filter(integration=integration).select_related("run__started_by")


def records_of(sync: Sync, *, outcome: str = "", search: str = "") -> QuerySet[Record]:
    found = Record.objects.filter(sync=sync)
    if outcome:
        found = found.filter(outcome=outcome)
    text = search.replace("\0", "").strip()
    return found.filter(Q(person__icontains=text) | Q(reason__icontains=text)) if text else found
