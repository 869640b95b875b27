"""What the first people's balances would become, from what was read of both sides. Asks nobody."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from integrations.amounts import Unreadable, convert, parse
from integrations.models import Integration
from integrations.services.mapping import Pair


@dataclass(frozen=True, slots=True)
class Line:
    person: str
    type_name: str
    source: str  # what the HR system says
    now: str  # what the workforce API says
    then: str  # what it would say
    note: str = ""


def preview(integration: Integration, pairs: Sequence[Pair]) -> list[Line]:
    sources = {one["id"]: one for one in integration.source_types}
    targets = {one["id"]: one for one in integration.target_types}
    return [
        _line(person, pair, sources[pair.source_id]["name"], targets[pair.target_id]["name"])
        for person in integration.sample
        for pair in pairs
        if pair.source_id in sources and pair.target_id in targets
    ]


def _line(person: dict[str, object], pair: Pair, source_name: str, target_name: str) -> Line:
    held: list[dict[str, str]] = person["source"]  # type: ignore[assignment]
    now: dict[str, str] = person["target"]  # type: ignore[assignment]
    name, found = str(person["person"]), next((one for one in held if one["type"] == pair.source_id), None)
    told = f"{now[pair.target_id]} {pair.unit}" if now.get(pair.target_id) else "—"
    if found is None:
        return Line(name, target_name, "—", told, "—", f"No “{source_name}” for this person.")
    if not found["amount"]:
        return Line(name, target_name, "—", told, "—", found["note"])
    source = f"{found['amount']} {found['unit']}"
    if pair.target_id not in now:
        return Line(name, target_name, source, "—", "—", f"Has no account “{target_name}”.")
    try:
        then = convert(
            parse(found["amount"]),
            unit=found["unit"],
            into=pair.unit,
            hours_per_day=Decimal(pair.hours_per_day),
        )
    except Unreadable as error:
        return Line(name, target_name, source, told, "—", str(error))
    return Line(name, target_name, source, told, f"{then} {pair.unit}")
