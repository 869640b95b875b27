"""Erasing a person: afterwards no table names them, and the audit log knows them by a number."""

from __future__ import annotations

from django.db.models import Q

from portal.mail import erase_mails
from portal.tenancy import audit, chain
from portal.tenancy.federation.models import IdentityProvider
from portal.tenancy.models import AuditLine, Invitation, User


def pseudonym(person_id: int) -> str:
    return f"removed person {person_id}"


def erase(person: User, *, by: User | None) -> None:
    """Deletes the row with all that hangs on it and writes the audit line. In the caller's transaction.

    What the person owned must have been handed over before.
    """
    tenant, number, ref = person.tenant, person.pk, f"user {person.pk}"
    assert tenant is not None, "operators are removed by operators"
    addresses, names = _addresses(person), _names(person)
    gone = User(pk=number, tenant=tenant, email=pseudonym(number))
    audit.record(chain.REMOVAL, target=gone, by=gone if by and by.pk == number else by, tenant=tenant)
    _rewrite_lines(person, ref, addresses)
    Invitation.objects.of(tenant).filter(email__in=addresses).update(email="", state=Invitation.State.DELETED)
    IdentityProvider.objects.of(tenant).filter(tested_by=person).update(tested_subject="")
    erase_mails(tenant, addresses, names)
    person.delete()


def _addresses(person: User) -> set[str]:
    """Every address the person had."""
    moves = AuditLine.objects.filter(
        tenant=person.tenant, action="user.email_changed", target=f"user {person.pk}"
    )
    return {
        person.email,
        *(address for line in moves for address in line.changes.get("email", []) if address),
    }


def _names(person: User) -> set[str]:
    """Every full name the person had, put together from the changes made to it."""
    first, last = {person.first_name}, {person.last_name}
    renamed = AuditLine.objects.filter(
        tenant=person.tenant, action="user.renamed", target=f"user {person.pk}"
    )
    for line in renamed:
        first.update(line.changes.get("first_name", []))
        last.update(line.changes.get("last_name", []))
    return {name for one in first for other in last if (name := f"{one} {other}".strip())}


def _rewrite_lines(person: User, ref: str, addresses: set[str]) -> None:
    """Takes the person out of the lines they wrote and the lines about them; the chain stays whole."""
    lines = AuditLine.objects.filter(tenant=person.tenant).filter(
        Q(actor=person) | Q(actor_ref=ref) | Q(target=ref) | Q(target_label__in=addresses)
    )
    for line in lines.iterator(chunk_size=500):
        emptied = []
        if line.actor_id == person.pk or line.actor_ref == ref:
            line.actor_label, line.address = pseudonym(person.pk), None
            emptied += ["actor_label", "address"]
        if line.target == ref or line.target_label in addresses:
            line.target_label, line.changes = pseudonym(person.pk), {}
            emptied += ["target_label", "changes"]
        line.seals |= {
            field: chain.without_salt(line.seals[field]) for field in emptied if field in line.seals
        }
        line.save(update_fields=[*emptied, "seals"])
