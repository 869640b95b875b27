"""Tenants, their people, and the record of what they did."""
from __future__ import annotations

import zoneinfo
from datetime import date, datetime
from typing import Any, Self

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import models
from django.db.models import Q
from django.utils import timezone


class Region(models.TextChoices):
    US = "us", "United States"
    EU = "eu", "European Union"
    UK = "uk", "United Kingdom"
    CA = "ca", "Canada"


class Role(models.TextChoices):
    """What a person may do in the tenant; each role may do all that the ones below it may."""

    ADMIN = "admin", "Admin"
    DEVELOPER = "developer", "Developer"
    VIEWER = "viewer", "Viewer"

    @property
    def rank(self) -> int:
        return (Role.VIEWER, Role.DEVELOPER, Role.ADMIN).index(self)


class Weekday(models.IntegerChoices):
    MONDAY = 0
    SUNDAY = 6
    SATURDAY = 5


class Tenant(models.Model):
    """One customer: an account name, its people, its apps, its data."""

    name = models.CharField("account name", max_length=60)
    slug = models.SlugField(max_length=40, unique=True)
    skeleton = models.CharField(max_length=120, unique=True, editable=False)  # names.skeleton(name)
    region = models.CharField(max_length=2, choices=Region, default=Region.US)
    time_zone = models.CharField(max_length=64, default="UTC")
    week_start = models.PositiveSmallIntegerField(choices=Weekday, default=Weekday.MONDAY)
    is_active = models.BooleanField(default=True)
    created = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.name

    @property
    def zone(self) -> zoneinfo.ZoneInfo:
        return zoneinfo.ZoneInfo(self.time_zone)

    def today(self) -> date:
        return timezone.now().astimezone(self.zone).date()


class OwnedQuerySet(models.QuerySet[Any]):
    def of(self, tenant: Tenant) -> Self:
        return self.filter(tenant=tenant)


class Owned(models.Model):
    """A row that belongs to one tenant. Views reach such rows only through `.of(tenant)`."""

    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, related_name="+")

    objects = OwnedQuerySet.as_manager()

    class Meta:
        abstract = True


class UserManager(BaseUserManager["User"]):
    def get_by_natural_key(self, email: str | None) -> User:
        """An operator; a tenant's people are found by tenant and address (backend.TenantBackend)."""
        return self.get(tenant=None, email=(email or "").lower())

    def create_superuser(self, email: str, password: str, **fields: Any) -> User:
        """An operator: belongs to no tenant and reaches only /operator/."""
        user = User(email=email.lower(), is_staff=True, is_superuser=True, **fields)
        user.set_password(password)
        user.save()
        return user


class User(AbstractBaseUser, PermissionsMixin):
    """A person. `tenant` is empty only for operators."""

    tenant = models.ForeignKey(Tenant, null=True, blank=True, on_delete=models.CASCADE, related_name="people")
    email = models.EmailField("e-mail", max_length=254)  # kept in lower case
    first_name = models.CharField(max_length=80, blank=True)
    last_name = models.CharField(max_length=80, blank=True)
    occupation = models.CharField("what describes your work", max_length=40, blank=True)
    role = models.CharField(max_length=10, choices=Role, default=Role.ADMIN)
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField(default=False)
    created = models.DateTimeField(auto_now_add=True)

    objects = UserManager()
    USERNAME_FIELD = "email"

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant", "email"], name="user_email_once_per_tenant"),
            models.UniqueConstraint(
                fields=["email"], condition=Q(tenant=None), name="user_email_once_among_operators"
            ),
            models.CheckConstraint(
                condition=Q(tenant=None) | Q(is_staff=False, is_superuser=False),
                name="user_operators_have_no_tenant",
            ),
        ]

    def __str__(self) -> str:
        return self.full_name or self.email

    @property
    def full_name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()

    @property
    def initials(self) -> str:
        letters = "".join(part[:1] for part in (self.first_name, self.last_name))
        return (letters or self.email[:1]).upper()

    def has_role(self, role: Role) -> bool:
        return Role(self.role).rank >= role.rank


class AuditLine(models.Model):
    """Who did what to what, written in the transaction of the change itself (audit.record)."""

    tenant = models.ForeignKey(Tenant, null=True, on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    actor = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    actor_label = models.CharField(max_length=254)  # outlives the person
    action = models.CharField(max_length=60)
    target = models.CharField(max_length=120)  # kind and id, such as "app 12"
    target_label = models.CharField(max_length=254, blank=True)
    changes = models.JSONField(default=dict)  # {"name": ["old", "new"]}, never a secret
    request_id = models.CharField(max_length=64, blank=True)
    address = models.GenericIPAddressField(null=True)

    objects = OwnedQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-pk"]
        indexes = [models.Index(fields=["tenant", "-at"], name="audit_by_tenant_newest")]

    def local_time(self) -> datetime:
        return self.at.astimezone(self.tenant.zone) if self.tenant else self.at
