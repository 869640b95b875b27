"""Changes to tenants and their people."""

from __future__ import annotations

from typing import Any

from django.db import IntegrityError, transaction

from portal.tenancy import audit, zones
from portal.tenancy.errors import NameRefused, TenancyError
from portal.tenancy.models import Region, Role, Tenant, User
from portal.tenancy.names import check_name


def create_tenant(*, name: str, region: str = Region.US, time_zone: str = "UTC", by: User | None) -> Tenant:
    """Raises NameRefused when the name is reserved, invisible, or looks like one already taken."""
    name = " ".join(name.split())
    slug, skeleton = check_name(name)
    check_time_zone(time_zone)
    try:
        with transaction.atomic():
            tenant = Tenant.objects.create(
                name=name, slug=slug, skeleton=skeleton, region=region, time_zone=time_zone
            )
            audit.record("tenant.created", target=tenant, by=by, tenant=tenant)
    except IntegrityError:
        raise NameRefused(f"“{name}” is taken, or looks like an account that exists.") from None
    return tenant


def check_time_zone(name: str) -> None:
    if name not in zones.known():
        raise TenancyError(f"“{name}” is not a time zone. Use a name such as Europe/London.")


@transaction.atomic
def create_user(
    *,
    tenant: Tenant,
    email: str,
    password: str | None,
    first_name: str = "",
    last_name: str = "",
    role: str = Role.ADMIN,
    by: User | None,
) -> User:
    user = User(
        tenant=tenant, email=email.strip().lower(), first_name=first_name, last_name=last_name, role=role
    )
    user.set_password(password)
    user.save()
    audit.record("user.created", target=user, by=by, tenant=tenant, changes={"role": ["", role]})
    return user


@transaction.atomic
def update_tenant(*, tenant: Tenant, by: User, **fields: Any) -> None:
    """Changes settings an admin may change: time_zone, week_start."""
    check_time_zone(fields.get("time_zone", tenant.time_zone))
    changes = {
        field: [getattr(tenant, field), value]
        for field, value in fields.items()
        if getattr(tenant, field) != value
    }
    if not changes:
        return
    for field, (_, value) in changes.items():
        setattr(tenant, field, value)
    tenant.save(update_fields=list(changes))
    audit.record("tenant.updated", target=tenant, by=by, tenant=tenant, changes=changes)
