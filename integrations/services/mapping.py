"""The second step: which time-off type fills which personal account type."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from integrations.models import Integration, TypeMapping
from integrations.services.guard import changing
from portal.tenancy import audit
from portal.tenancy.models import User

Step = Integration.Step


@dataclass(frozen=True, slots=True)
class Pair:
    """One row of the form, checked against what was read of both sides."""

    source_id: str
    target_id: str
    unit: str
    hours_per_day: Decimal


def save_mappings(*, integration: Integration, pairs: Sequence[Pair], by: User) -> None:
    """Replaces the mappings; those that stay the same keep their row. Raises SyncUnderWay."""
    sources = {one["id"]: one for one in integration.source_types}
    targets = {one["id"]: one for one in integration.target_types}
    before = sorted(str(one) for one in integration.mappings.all())
    with changing(integration):
        kept = {one.target_id: one for one in integration.mappings.all()}
        gone = kept.keys() - {pair.target_id for pair in pairs}
        integration.mappings.filter(target_id__in=gone).delete()
        for pair in pairs:
            source, target = sources[pair.source_id], targets[pair.target_id]
            TypeMapping.objects.update_or_create(
                tenant=integration.tenant,
                integration=integration,
                target_id=pair.target_id,
                defaults={
                    "source_id": pair.source_id,
                    "source_name": source["name"],
                    "source_unit": source["unit"],
                    "target_name": target["name"],
                    "unit": pair.unit,
                    "hours_per_day": pair.hours_per_day,
                    "stopped": "",
                },
            )
        if integration.step == Step.FIELDS:
            integration.step = Step.PEOPLE
            integration.save(update_fields=["step"])
        after = sorted(str(one) for one in integration.mappings.all())
        changes = {"time-off types": [before, after]}
        audit.record(
            "integration.mapped", target=integration, by=by, tenant=integration.tenant, changes=changes
        )
