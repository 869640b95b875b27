"""From an identity that a tenant's provider vouches for to a person of that tenant, and of no other.

The key is issuer and subject. An address leads to a person only once, and only to one who waits for it:
invited, or available with neither password nor identity; never when the provider does not vouch for it.
"""

from __future__ import annotations

from django.db import IntegrityError, transaction
from django.utils import timezone

from portal.tenancy import audit
from portal.tenancy.federation.identity import FederationError, Identity
from portal.tenancy.federation.models import FederatedIdentity
from portal.tenancy.federation.queries import available
from portal.tenancy.models import Invitation, Standing, Tenant, User


class NoAccess(FederationError):
    """The provider knows this person; this account does not let them in."""


STRANGER = (
    "You are signed in at your company, but this account does not know you yet. Ask an admin to invite you."
)
DEACTIVATED = "Your access to this account is switched off. Ask an admin of your account."


def person_of(tenant: Tenant, identity: Identity) -> User:
    """Who signs in. Raises NoAccess."""
    for _ in range(2):  # the loser of a race finds what the winner linked
        user = _known(tenant, identity)
        if user is None:
            try:
                with transaction.atomic():
                    user = _link(tenant, identity)
            except IntegrityError:
                continue
        if not user.is_active:
            raise NoAccess(DEACTIVATED)
        return user
    raise NoAccess(STRANGER, "a race for this identity")


def _known(tenant: Tenant, identity: Identity) -> User | None:
    found = FederatedIdentity.objects.of(tenant).filter(issuer=identity.issuer, subject=identity.subject)
    row = found.select_related("user__tenant").first()
    return row.user if row else None


def _link(tenant: Tenant, identity: Identity) -> User:
    if not identity.is_verified or not identity.email:
        raise NoAccess(STRANGER, "unknown subject, and no address that the provider vouches for")
    user = available(tenant, identity.email) or _invited(tenant, identity)
    if user is None:
        raise NoAccess(STRANGER, "unknown subject, and nobody waits for the address")
    _fill_in(user, identity)
    link(user=user, issuer=identity.issuer, subject=identity.subject)
    return user


def _invited(tenant: Tenant, identity: Identity) -> User | None:
    """A new person in place of a pending invitation; one conditional UPDATE settles who gets it."""
    live = Invitation.objects.of(tenant).filter(
        email=identity.email, state=Invitation.State.PENDING, expires__gt=timezone.now()
    )
    invitation = live.first()
    if invitation is None or not live.update(state=Invitation.State.ACCEPTED, email=""):
        return None
    user = User(tenant=tenant, email=identity.email, role=invitation.role, invited_by=invitation.invited_by)
    user.set_unusable_password()
    user.save()
    audit.record("invitation.accepted", target=user, by=user, tenant=tenant)
    return user


def _fill_in(user: User, identity: Identity) -> None:
    user.standing = Standing.ACTIVE
    user.first_name = user.first_name or identity.first_name
    user.last_name = user.last_name or identity.last_name
    user.save(update_fields=["standing", "first_name", "last_name"])


def link(*, user: User, issuer: str, subject: str, by: User | None = None) -> None:
    """Raises IntegrityError when the person or the identity is linked already."""
    assert user.tenant is not None, "operators are not federated"
    FederatedIdentity.objects.create(tenant=user.tenant, user=user, issuer=issuer, subject=subject)
    audit.record("identity.linked", target=user, by=by or user, tenant=user.tenant)
