"""Inviting people, and what becomes of an invitation."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from portal import mail
from portal.tenancy import audit, links, proofs
from portal.tenancy.errors import InviteRefused, LinkSpent, Overtaken
from portal.tenancy.federation.queries import is_federated
from portal.tenancy.models import Invitation, Role, Standing, Tenant, User

LIFE = timedelta(days=7)
State = Invitation.State


def invite(*, tenant: Tenant, email: str, role: str, by: User | None) -> Invitation | User:
    """Sends a link that lives seven days; in a federated account the person may sign in at once.

    `by` is None for the operator. Raises InviteRefused.
    """
    email = email.strip().lower()
    try:
        validate_email(email)
    except ValidationError:
        raise InviteRefused("This is not an e-mail address.") from None
    if role not in Role.values:
        raise InviteRefused(f"“{role}” is not a role.")
    if not tenant.is_active:
        raise InviteRefused("This account is suspended.")
    if User.objects.filter(tenant=tenant, email=email).exists():
        raise InviteRefused("Has access already.")
    if Invitation.objects.of(tenant).filter(email=email).exists():
        raise InviteRefused("Is invited already. Send the invitation again from the list.")
    try:
        with transaction.atomic():
            return _admit(tenant, email, role, by) if is_federated(tenant) else _send(tenant, email, role, by)
    except IntegrityError:
        raise InviteRefused("Was invited by somebody else at this moment.") from None


def _send(
    tenant: Tenant, email: str, role: str, by: User | None, action: str = "invitation.sent"
) -> Invitation:
    token = links.new_token()
    invitation = Invitation.objects.create(
        tenant=tenant,
        email=email,
        role=role,
        digest=links.digest_of(token),
        expires=timezone.now() + LIFE,
        invited_by=by if by and by.tenant_id else None,
    )
    audit.record(action, target=invitation, by=by, tenant=tenant, changes={"role": ["", role]})
    context = _words(tenant, by) | {
        "role": Role(role).label.lower(),
        "days": LIFE.days,
        "link": links.address_of("invite", token),
    }
    mail.queue("invitation", to=email, tenant=tenant, context=context)
    return invitation


def _admit(tenant: Tenant, email: str, role: str, by: User | None) -> User:
    """The tenant's own provider knows the person: nothing to register."""
    person = User(tenant=tenant, email=email, role=role, standing=Standing.AVAILABLE)
    person.invited_by = by if by and by.tenant_id else None
    person.set_unusable_password()
    person.save()
    audit.record("invitation.sent", target=person, by=by, tenant=tenant, changes={"role": ["", role]})
    context = _words(tenant, by) | {"link": settings.PORTAL_URL + reverse("signin")}
    mail.queue("available", to=email, tenant=tenant, context=context)
    return person


def _words(tenant: Tenant, by: User | None) -> dict[str, object]:
    inviter = str(by) if by and by.tenant_id else settings.PORTAL_NAME
    return {"account": tenant.name, "short_name": tenant.slug, "inviter": inviter}


@transaction.atomic
def resend(*, invitation: Invitation, by: User | None) -> Invitation:
    """A new link for seven more days; the one before stops working. Raises Overtaken."""
    email, role = invitation.email, invitation.role
    _end(invitation, State.REPLACED)
    return _send(invitation.tenant, email, role, by, "invitation.resent")


@transaction.atomic
def delete(*, invitation: Invitation, by: User | None) -> None:
    """Raises Overtaken."""
    audit.record("invitation.deleted", target=invitation, by=by, tenant=invitation.tenant)
    _end(invitation, State.DELETED)


def _end(invitation: Invitation, state: str) -> None:
    if not Invitation.objects.filter(pk=invitation.pk, state=State.PENDING).update(state=state, email=""):
        raise Overtaken("This invitation was accepted, deleted or sent again in the meantime.")


def accept(*, digest: str, first_name: str, last_name: str, occupation: str, password: str) -> User:
    """Makes the person, who must still prove the address, and mails the proof's link. Raises LinkSpent.

    The link is used up by one conditional UPDATE: of many at once, one gets through.
    """
    found = Invitation.objects.select_related("tenant", "invited_by").filter(digest=digest).first()
    person = User(first_name=first_name, last_name=last_name, occupation=occupation)
    person.set_password(password)  # slow: before the transaction, which others may wait for
    if found is None:
        raise LinkSpent("unknown")
    with transaction.atomic():
        live = Invitation.objects.filter(digest=digest, state=State.PENDING, expires__gt=timezone.now())
        if not found.tenant.is_active or not live.update(state=State.ACCEPTED, email=""):
            raise LinkSpent("spent")
        person.tenant, person.email, person.role = found.tenant, found.email, found.role
        person.standing, person.invited_by = Standing.PENDING, found.invited_by
        person.save()
        audit.record("invitation.accepted", target=person, by=person, tenant=found.tenant)
        proofs.send_verification(person)
    return person


def status_of(digest: str) -> tuple[str, Invitation | None]:
    """What an opened link means: "unknown", "live", "expired", "accepted", "replaced", "deleted"."""
    found = Invitation.objects.select_related("tenant", "invited_by").filter(digest=digest).first()
    if found is None or not found.tenant.is_active:
        return "unknown", None
    if found.state == State.PENDING:
        return ("expired" if found.is_expired else "live"), found
    return found.state, found
