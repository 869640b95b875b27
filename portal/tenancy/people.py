"""What an admin does to a person: names, role, access, removal.

An account always keeps an active admin. Two admins who act on one another at the same moment must not
both succeed: `_hold` makes changes to one tenant's people wait for each other, and what was true when the
page was loaded is read again behind it.
"""

from __future__ import annotations

from django.db import transaction
from django.db.models import F

from portal.tenancy import audit, erasure, ownership
from portal.tenancy.browsers import end_sessions
from portal.tenancy.errors import LastAdmin, Overtaken, TenancyError
from portal.tenancy.models import Role, Standing, Tenant, User

LAST = (
    "{} is the last active admin of this account. Make somebody else an admin first, "
    "so that people can still be managed."
)


@transaction.atomic
def rename(*, person: User, first_name: str, last_name: str, by: User) -> None:
    changes = {
        field: [getattr(person, field), value]
        for field, value in (("first_name", first_name), ("last_name", last_name))
        if getattr(person, field) != value
    }
    if changes:
        person.first_name, person.last_name = first_name, last_name
        person.save(update_fields=list(changes))
        audit.record("user.renamed", target=person, by=by, tenant=person.tenant, changes=changes)


@transaction.atomic
def change_role(*, person: User, role: str, by: User | None) -> None:
    """A lower role acts at once: the person's sessions end. Raises LastAdmin, Overtaken."""
    person = _hold(person, by)
    if person.role == role:
        return
    if role != Role.ADMIN:
        _keep_an_admin(person)
    changes = {"role": [person.role, role]}
    person.role = role
    person.save(update_fields=["role"])
    end_sessions(person)
    audit.record("user.role_changed", target=person, by=by, tenant=person.tenant, changes=changes)


@transaction.atomic
def deactivate(*, person: User, by: User | None) -> None:
    """Raises LastAdmin, Overtaken."""
    person = _hold(person, by)
    if not person.is_active:
        return
    _keep_an_admin(person)
    person.is_active = False
    person.save(update_fields=["is_active"])
    end_sessions(person)
    audit.record("user.deactivated", target=person, by=by, tenant=person.tenant)


@transaction.atomic
def reactivate(*, person: User, by: User | None) -> None:
    person = _hold(person, by)
    if person.is_active:
        return
    person.is_active = True
    person.save(update_fields=["is_active"])
    audit.record("user.reactivated", target=person, by=by, tenant=person.tenant)


@transaction.atomic
def remove(*, person: User, heir: User | None, by: User | None) -> None:
    """Hands what the person owns to `heir` and erases them. Raises LastAdmin, Overtaken, TenancyError.

    Without an heir only somebody who owns nothing can be removed.
    """
    person = _hold(person, by)
    _keep_an_admin(person)
    if heir is None:
        if ownership.holdings(person):
            raise TenancyError("This person owns something. Choose who gets it.")
    else:
        is_fit = User.objects.filter(pk=heir.pk, tenant=person.tenant, is_active=True).exists()
        if heir.pk == person.pk or not is_fit:
            raise TenancyError("Choose somebody else of this account who is active.")
        ownership.hand_over(person, heir)
    erasure.erase(person, by=by)


def _hold(person: User, by: User | None) -> User:
    """The person as of now, with every other change to the tenant's people waiting until this one ends.

    An UPDATE that changes nothing still holds the row on PostgreSQL; SQLite runs writers one at a time.
    """
    assert person.tenant_id is not None, "operators are nobody's people"
    Tenant.objects.filter(pk=person.tenant_id).update(is_active=F("is_active"))
    fresh = User.objects.select_related("tenant").filter(pk=person.pk, tenant=person.tenant_id).first()
    if fresh is None:
        raise Overtaken("This person was removed in the meantime.")
    if by is not None and by.tenant_id is not None:
        may = User.objects.filter(pk=by.pk, tenant=person.tenant_id, role=Role.ADMIN, is_active=True).exists()
        if not may:
            raise Overtaken("You are no longer an admin of this account.")
    return fresh


def _keep_an_admin(person: User) -> None:
    admins = User.objects.filter(
        tenant=person.tenant_id, role=Role.ADMIN, is_active=True, standing=Standing.ACTIVE
    )
    if admins.filter(pk=person.pk).exists() and not admins.exclude(pk=person.pk).exists():
        raise LastAdmin(LAST.format(person))
