"""The chain of audit lines: each holds the hash of the one before it, so that none can be changed unseen.

What can name a person (SEALED) enters the hash only as a salted digest. Erasing such a field with its salt
keeps the chain whole and leaves nothing to guess from; it is believed only where a later line tells of a
removed person. Recipe: hash = SHA-256 of the canonical JSON of `_links`.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from dataclasses import dataclass
from datetime import UTC
from typing import Any

from django.db.models import F

from portal.tenancy.models import AuditHead, AuditLine, Tenant

SEALED = ("actor_label", "target_label", "changes", "address")
REMOVAL = "user.removed"  # the action after which a person's fields may be empty


def canonical(value: Any) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True)


def append(line: AuditLine) -> None:
    """Numbers, seals and saves the line. Inside the transaction of the change.

    The first UPDATE holds the head's row until the transaction ends, so lines of one tenant queue up.
    """
    name = _chain_of(line.tenant)
    if not _step(name):
        head = AuditHead(chain=name, tenant=line.tenant)
        AuditHead.objects.bulk_create([head], ignore_conflicts=True)  # two first lines: one head
        _step(name)
    head = AuditHead.objects.get(chain=name)
    line.sequence, line.previous_hash = head.sequence, head.hash
    line.seals = {field: _seal(getattr(line, field)) for field in SEALED}
    line.hash = digest(line)
    line.save(force_insert=True)
    AuditHead.objects.filter(chain=name).update(hash=line.hash)


def _chain_of(tenant: Tenant | None) -> str:
    return f"tenant {tenant.pk}" if tenant else "portal"


def _step(name: str) -> int:
    return AuditHead.objects.filter(chain=name).update(sequence=F("sequence") + 1)


def _seal(value: Any) -> str:
    """`salt:digest`; an erased one is `:digest`."""
    salt = secrets.token_hex(16)
    return f"{salt}:{_sealed(salt, value)}"


def _sealed(salt: str, value: Any) -> str:
    return hashlib.sha256(f"{salt}{canonical(value)}".encode()).hexdigest()


def without_salt(seal: str) -> str:
    """What stays of a seal when its field is erased."""
    return f":{seal.partition(':')[2]}"


def digest(line: AuditLine) -> str:
    return hashlib.sha256(canonical(_links(line)).encode()).hexdigest()


def _links(line: AuditLine) -> dict[str, Any]:
    return {
        "chain": f"tenant {line.tenant_id}" if line.tenant_id else "portal",
        "sequence": line.sequence,
        "previous": line.previous_hash,
        "at": line.at.astimezone(UTC).isoformat(timespec="microseconds"),
        "actor": line.actor_ref,
        "action": line.action,
        "target": line.target,
        "request": line.request_id,
        "seals": {field: seal.partition(":")[2] for field, seal in line.seals.items()},
    }


@dataclass(frozen=True, slots=True)
class Defect:
    """One thing wrong with a chain; `line` is the id of the row to look at, None for a missing one."""

    sequence: int
    line: int | None
    problem: str


@dataclass(frozen=True, slots=True)
class Report:
    lines: int
    uncovered: int  # written before there was a chain
    head: str
    defects: list[Defect]


def verify(tenant: Tenant | None) -> Report:
    """Reads the whole chain of a tenant (None: the operator's) and names every row that does not fit."""
    head = AuditHead.objects.filter(chain=_chain_of(tenant)).first()
    lines = AuditLine.objects.filter(tenant=tenant)
    defects: list[Defect] = []
    expected, previous, count = 1, "", 0
    last_removal = (
        lines.filter(action=REMOVAL).order_by("-sequence").values_list("sequence", flat=True).first()
    )
    for line in lines.exclude(sequence=0).order_by("sequence", "pk").iterator(chunk_size=2000):
        count += 1
        if line.sequence > expected:
            gap = f"{expected}" if line.sequence == expected + 1 else f"{expected} to {line.sequence - 1}"
            defects.append(Defect(expected, None, f"number {gap} is missing: a row was deleted"))
        elif line.sequence < expected:
            defects.append(Defect(line.sequence, line.pk, "its number is used twice"))
        elif line.previous_hash != previous:
            defects.append(Defect(line.sequence, line.pk, "does not follow the row before it"))
        defects += [Defect(line.sequence, line.pk, text) for text in _problems(line, last_removal or 0)]
        expected, previous = line.sequence + 1, line.hash
    before = lines.filter(sequence=0)
    defects += _at_the_end(head, expected - 1, previous)
    if head:
        late = before.filter(at__gt=head.since).values_list("pk", flat=True)
        defects += [Defect(0, pk, "is outside the chain") for pk in late]
    return Report(count, before.count(), previous, defects)


def _problems(line: AuditLine, last_removal: int) -> list[str]:
    found = []
    if digest(line) != line.hash:
        found.append("was edited")
    if line.actor_id is not None and line.actor_ref != f"user {line.actor_id}":
        found.append("names another person than it was written for")
    if set(line.seals) != set(SEALED):
        return [*found, "has lost a seal"]
    for field, seal in line.seals.items():
        salt, _, kept = seal.partition(":")
        if not salt:
            if last_removal < line.sequence:
                found.append(f"has no {field.replace('_', ' ')}, and no person was removed since")
        elif _sealed(salt, getattr(line, field)) != kept:
            found.append(f"had its {field.replace('_', ' ')} edited")
    return found


def _at_the_end(head: AuditHead | None, last: int, previous: str) -> list[Defect]:
    if head is None:
        return [Defect(last, None, "the chain has lost its head")] if last else []
    if head.sequence > last:
        return [Defect(last + 1, None, f"rows up to number {head.sequence} are missing at the end")]
    if head.sequence < last or head.hash != previous:
        return [Defect(last, None, "the head of the chain was changed, or rows were put behind it")]
    return []
