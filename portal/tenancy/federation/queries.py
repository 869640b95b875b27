"""Reading providers and identities."""

from __future__ import annotations

from portal.tenancy.federation.models import IdentityProvider
from portal.tenancy.models import Standing, Tenant, User


def provider_of(tenant: Tenant | None) -> IdentityProvider | None:
    """The provider that a tenant's people must use now, or None: then they sign in with a password."""
    return IdentityProvider.objects.filter(tenant=tenant, is_enabled=True).first() if tenant else None


def is_federated(tenant: Tenant | None) -> bool:
    """Whether passwords, their reset and registration are closed for a tenant."""
    return tenant is not None and IdentityProvider.objects.filter(tenant=tenant, is_enabled=True).exists()


def available(tenant: Tenant, email: str) -> User | None:
    """The person whom a proved address may be linked to: never signed in, no password, no identity."""
    user = User.objects.filter(
        tenant=tenant, email=email, standing=Standing.AVAILABLE, is_active=True, federated_identity=None
    ).first()
    return user if user and not user.has_usable_password() else None
