"""Reading tenants and their people."""

from __future__ import annotations

from django.db.models import QuerySet

from portal.tenancy.errors import NameRefused
from portal.tenancy.models import AuditLine, Tenant, User
from portal.tenancy.names import check_name, fold


def tenant_named(account: str) -> Tenant | None:
    """The active tenant that a person means by the account name typed at sign-in, or None."""
    try:
        slug, _ = check_name(account)
    except NameRefused:
        return None
    tenant = Tenant.objects.filter(slug=slug, is_active=True).first()
    return tenant if tenant and fold(account) in (fold(tenant.name), tenant.slug) else None


def people(tenant: Tenant) -> QuerySet[User]:
    return User.objects.filter(tenant=tenant)


def audit_lines(tenant: Tenant) -> QuerySet[AuditLine]:
    return AuditLine.objects.of(tenant).select_related("tenant")
