"""Reads both sides for the pages of the set-up: types, people, and a few balances to preview with."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils import timezone

from integrations.connectors.base import Balance, Kind, ProviderError
from integrations.engine.reading import stop_mappings
from integrations.engine.step import Step, turn
from integrations.engine.trouble import told
from integrations.models import Integration, Link
from integrations.services.people import match_people, store_sources, store_targets
from portal.runs.models import Run
from portal.runs.services import Progress

SAMPLE = 5  # people whose balances are previewed


def look(progress: Progress) -> str:
    """Given to runs.perform."""
    subject = Run.objects.values_list("subject", flat=True).get(pk=progress.run_id)
    integration = Integration.objects.select_related("tenant").get(
        pk=int(subject.removeprefix("integration "))
    )
    # A reading that is throttled or cut off is worth three pauses; somebody waits for it at a page.
    pauses = iter((1, 2, 4, 99))
    with turn(integration, progress) as step, told(integration, lambda: next(pauses, 99)):
        return _look(step)


def _look(step: Step) -> str:
    integration, progress = step.integration, step.progress
    progress.report(0, 4, "Reading time-off types")
    types = step.ask(step.connector.types)
    targets = step.tell(step.destination.account_types)
    progress.report(1, 4, "Reading employees of the HR system")
    people = step.ask(lambda: list(step.connector.people()))
    progress.report(2, 4, "Reading employees of the workforce API")
    rows = step.tell(lambda: list(step.destination.employees()))
    with transaction.atomic():
        progress.report(3, 4, "Matching employees")
        stop_mappings(list(integration.mappings.all()), types)
        store_sources(integration, people)
        store_targets(integration, rows)
        matched = match_people(integration)
    _keep(step, integration, types.types, targets, types.hours_per_day)
    return f"{matched:,} employees were matched." if matched else "Read."


def _keep(step: Step, integration: Integration, sources: Any, targets: Any, hours: Any) -> None:
    values = {
        "source_types": [{"id": one.id, "name": one.name, "unit": one.unit} for one in sources],
        "target_types": [{"id": one.id, "name": one.name, "unit": one.unit} for one in targets],
        "hours_per_day": hours,
        "sample": _sample(step, [one.id for one in targets]),
        "read_at": timezone.now(),
        "trouble": "",
        "needs_reconnect": False,
    }
    with transaction.atomic():
        step.progress.report(4, 4)
        Integration.objects.filter(pk=integration.pk).update(**values)


def _sample(step: Step, type_ids: list[str]) -> list[dict[str, Any]]:
    """The first linked people, with their balances as text on both sides."""
    links = Link.objects.filter(
        integration=step.integration, source__is_leaver=False, source__is_present=True
    )
    chosen = list(links.select_related("source", "target").order_by("source__last_name", "pk")[:SAMPLE])
    if not chosen or not type_ids:
        return []
    today = step.integration.tenant.today()
    accounts = step.tell(
        step.destination.accounts, [link.target.external_id for link in chosen], type_ids, on=today
    )
    now = step.tell(step.destination.balances, [account.id for account in accounts])
    sample = []
    for link in chosen:
        try:
            balances = step.ask(step.connector.balances, link.source.external_id)
        except ProviderError:
            continue
        held = {
            one.type_id: str(now.get(one.id, ""))
            for one in accounts
            if one.employee_id == link.target.external_id
        }
        sample.append(
            {"person": str(link.source), "source": [_plain(one) for one in balances], "target": held}
        )
    return sample


def _plain(balance: Balance) -> dict[str, str]:
    is_value = balance.kind is Kind.VALUE
    return {
        "type": balance.type_id,
        "amount": str(balance.amount) if is_value else "",
        "unit": balance.unit,
        "note": balance.note,
        "as_of": balance.as_of.isoformat() if balance.as_of else "",
    }
