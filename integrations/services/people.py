"""The third step: who is who. Both sides are read in the background and kept, then matched here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db import IntegrityError, transaction

from integrations import matching
from integrations.connectors.base import Person
from integrations.errors import IntegrationError
from integrations.models import READ, Employee, Integration, Link
from integrations.services.guard import changing
from portal.runs.models import Run
from portal.runs.services import AlreadyRunning, queue
from portal.tenancy import audit
from portal.tenancy.models import User

Side = Employee.Side
COLUMNS = (
    "first_name",
    "last_name",
    "preferred_name",
    "email",
    "name_key",
    "mail_key",
    "is_leaver",
    "is_shared",
)


def start_reading(*, integration: Integration, by: User | None) -> Run:
    """Reads both sides again, in the background; the run that does it already when there is one."""
    try:
        return queue(tenant=integration.tenant, kind=READ, subject=integration.subject, by=by)
    except AlreadyRunning as running:
        return running.run


def store_sources(integration: Integration, people: Sequence[Person]) -> None:
    store(integration, Side.SOURCE, people)


def store_targets(integration: Integration, rows: Iterable[Mapping[str, Any]]) -> None:
    store(integration, Side.TARGET, [_target(row) for row in rows])


def _target(row: Mapping[str, Any]) -> Person:
    return Person(
        id=str(row["id"]),
        first=str(row.get("firstName") or ""),
        last=str(row.get("lastName") or ""),
        preferred=str(row.get("preferredName") or ""),
        email=str(row.get("email") or ""),
        is_leaver=(row.get("status") or {}).get("employmentStatus") == "terminated",
    )


@transaction.atomic
def store(integration: Integration, side: str, people: Sequence[Person]) -> None:
    """Keeps what was read. Nobody who is linked is dropped: they are only not present any more."""
    shared = _shared(people)
    known = {one.external_id: one for one in integration.employees.filter(side=side)}
    fresh: list[Employee] = []
    changed: list[Employee] = []
    for person in people:
        row = known.pop(person.id, None) or Employee(
            tenant_id=integration.tenant_id, integration=integration, side=side, external_id=person.id
        )
        if _fill(row, person, shared) or row.pk is None or not row.is_present:
            row.is_present = True
            (fresh if row.pk is None else changed).append(row)
    Employee.objects.bulk_create(fresh, batch_size=500)
    Employee.objects.bulk_update(changed, [*COLUMNS, "is_present"], batch_size=200)
    missing = [row.pk for row in known.values()]
    for start in range(0, len(missing), 500):
        absent = Employee.objects.filter(pk__in=missing[start : start + 500])
        absent.filter(link=None, target_link=None).delete()
        absent.update(is_present=False)


def _shared(people: Sequence[Person]) -> set[str]:
    found = matching.match(people, ())
    return found.shared_sources


def _fill(row: Employee, person: Person, shared: set[str]) -> bool:
    """Whether anything is new."""
    values = (
        person.first[:120],
        person.last[:120],
        person.preferred[:120],
        person.email[:254],
        matching.name_key(person.first, person.last)[:250],
        matching.fold(person.email)[:254],
        person.is_leaver,
        person.id in shared,
    )
    if values == tuple(getattr(row, name) for name in COLUMNS):
        return False
    for name, value in zip(COLUMNS, values, strict=True):
        setattr(row, name, value)
    return True


@transaction.atomic
def match_people(integration: Integration) -> int:
    """Links those who certainly belong together and are not linked yet. Returns how many."""
    sources, targets = (
        [_as_person(row) for row in rows]
        for rows in (
            integration.employees.filter(side=Side.SOURCE, is_present=True, link=None),
            integration.employees.filter(side=Side.TARGET, is_present=True, target_link=None),
        )
    )
    # Whoever shares an address is never matched, even when the others are linked already.
    shared = set(integration.employees.filter(is_shared=True).values_list("pk", flat=True))
    pairs = [
        (int(one), int(other))
        for one, other in matching.match(sources, targets).pairs
        if int(one) not in shared and int(other) not in shared
    ]
    links = [
        Link(
            tenant_id=integration.tenant_id,
            integration=integration,
            source_id=source,
            target_id=target,
            how=Link.How.AUTO,
        )
        for source, target in pairs
    ]
    Link.objects.bulk_create(links, batch_size=500)
    return len(links)


def _as_person(row: Employee) -> Person:
    return Person(str(row.pk), row.first_name, row.last_name, row.preferred_name, row.email, row.is_leaver)


def link(
    *, integration: Integration, source: Employee, target: Employee, is_suggestion: bool, by: User
) -> Link:
    """Links two people by a person's decision. Raises SyncUnderWay, or IntegrationError when one is taken."""
    how = Link.How.SUGGESTION if is_suggestion else Link.How.HAND
    with changing(integration):
        try:
            with transaction.atomic():
                made = Link.objects.create(
                    tenant=integration.tenant, integration=integration, source=source, target=target, how=how
                )
        except IntegrityError:
            raise IntegrationError(f"{target} or {source} is mapped to somebody else already.") from None
        changes = {"employee": ["", f"{source} → {target}"]}
        audit.record(
            "integration.mapped", target=integration, by=by, tenant=integration.tenant, changes=changes
        )
    return made


def unlink(*, integration: Integration, source: Employee, by: User) -> None:
    """Raises SyncUnderWay."""
    with changing(integration):
        gone, _ = Link.objects.filter(integration=integration, source=source).delete()
        if gone:
            changes = {"employee": [str(source), ""]}
            audit.record(
                "integration.mapped", target=integration, by=by, tenant=integration.tenant, changes=changes
            )


def confirm_people(*, integration: Integration, by: User) -> int:
    """From now on the linked people are synced.

    Returns how many are; raises SyncUnderWay, IntegrationError.
    """
    with changing(integration):
        links = Link.objects.filter(integration=integration)
        if not links.exists():
            raise IntegrationError("Nobody is mapped yet. Map at least one employee, then confirm.")
        before = links.filter(is_confirmed=True).count()
        links.update(is_confirmed=True)
        if integration.step == Integration.Step.PEOPLE:
            integration.step = Integration.Step.SYNC
            integration.save(update_fields=["step"])
        changes = {"employees": [before, links.count()]}
        audit.record(
            "integration.people_mapped", target=integration, by=by, tenant=integration.tenant, changes=changes
        )
        return links.count()
