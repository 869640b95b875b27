"""What this room tells on the home page: a second admin, and invitations about to end."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from django.urls import reverse
from django.utils import timezone

from portal.tenancy import homepage
from portal.tenancy.homepage import Notice, Step
from portal.tenancy.models import Invitation, Role, Tenant, User

SOON = timedelta(days=2)


def register() -> None:
    homepage.step(
        Step(
            "second-admin",
            40,
            "Invite a second admin",
            "So that nobody is locked out when one of you is away.",
            "tenancy:invite",
            has_second_admin,
            Role.ADMIN,
        )
    )
    homepage.notices("tenancy", ending_invitations)


def has_second_admin(tenant: Tenant) -> bool:
    admins = User.objects.filter(tenant=tenant, role=Role.ADMIN, is_active=True).count()
    invited = Invitation.objects.of(tenant).filter(role=Role.ADMIN, state=Invitation.State.PENDING)
    return admins > 1 or invited.exists()


def ending_invitations(user: User, tenant: Tenant) -> Iterator[Notice]:
    if not user.has_role(Role.ADMIN):
        return
    pending = Invitation.objects.of(tenant).filter(state=Invitation.State.PENDING)
    ending = pending.filter(expires__lte=timezone.now() + SOON).count()
    if ending:
        said = "An invitation ends" if ending == 1 else f"{ending} invitations end"
        text = f"{said} within two days, or has ended. Send it again if it is still wanted."
        yield Notice("warn", text, reverse("tenancy:users") + "?status=pending", "See invitations")
