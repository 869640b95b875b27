"""Reading a person's second factors."""

from __future__ import annotations

from portal.tenancy.factors.models import Authenticator, Passkey, RecoveryCode
from portal.tenancy.models import User


def authenticator_of(user: User) -> Authenticator | None:
    return Authenticator.objects.filter(user=user).first()


def passkeys_of(user: User) -> list[Passkey]:
    return list(Passkey.objects.filter(user=user))


def has_factor(user: User) -> bool:
    """Whether signing in needs more than the password."""
    return Authenticator.objects.filter(user=user).exists() or Passkey.objects.filter(user=user).exists()


def codes_left(user: User) -> int:
    return RecoveryCode.objects.filter(user=user, used=None).count()
