"""Who signs in: a tenant's person by account, address and password; an operator without an account."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.hashers import make_password
from django.http import HttpRequest

from portal.tenancy.models import Standing, User
from portal.tenancy.queries import tenant_named

LONGEST_PASSWORD = 1024  # hashing more than this is a way to keep the server busy
NO_TENANT = 0  # no row has it: an unknown account still costs the same query


def _tenant_id(account: str | None) -> int | None:
    if account is None:
        return None
    tenant = tenant_named(account)
    return tenant.pk if tenant else NO_TENANT


class TenantBackend(ModelBackend):
    def authenticate(
        self,
        request: HttpRequest | None,
        username: str | None = None,
        password: str | None = None,
        *,
        account: str | None = None,
        **kwargs: Any,
    ) -> User | None:
        """The person, or None; an unknown account or address costs the same time as a wrong password.

        `account` is the account name as typed; None means an operator (the admin's own sign-in page).
        People whose account signs in at its own provider have no way in by password.
        """
        if username is None or password is None or len(password) > LONGEST_PASSWORD:
            return None
        tenant_id = _tenant_id(account)
        people = User.objects.select_related("tenant__identity_provider")
        user = people.filter(tenant=tenant_id, email=username.lower()).first()
        if user is None:
            make_password(password)
            return None
        # Somebody who has not proved the address yet gets through here, and no further: sign-in tells them.
        is_pending = user.standing == Standing.PENDING and _is_let_in(user)
        if not user.check_password(password) or not (is_pending or self.user_can_authenticate(user)):
            return None
        return None if _has_provider(user) else user

    def user_can_authenticate(self, user: Any) -> bool:
        return user.standing == Standing.ACTIVE and _is_let_in(user)

    def get_user(self, user_id: int) -> User | None:
        """Asked on every request, so a disabled person or a suspended tenant is out at once."""
        user = User.objects.select_related("tenant").filter(pk=user_id).first()
        return user if user and self.user_can_authenticate(user) else None


def _is_let_in(user: User) -> bool:
    return bool(user.is_active and (user.tenant is None or user.tenant.is_active))


def _has_provider(user: User) -> bool:
    provider = getattr(user.tenant, "identity_provider", None)
    return provider is not None and provider.is_enabled
