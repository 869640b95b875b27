"""Tenants, their people, and the record of what they did."""

from __future__ import annotations

import unicodedata
import zoneinfo
from datetime import date, datetime
from typing import Any, Self

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from django.db.models import Q
from django.utils import timezone

from portal.crypto import EncryptedTextField


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


class Standing(models.TextChoices):
    """How far a person has come in; whether an admin has let them in is `is_active`."""

    PENDING = "pending", "Pending"  # registered, has not proved the address yet
    AVAILABLE = "available", "Available"  # of a federated account, has not signed in yet
    ACTIVE = "active", "Active"


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
    requires_second_factor = models.BooleanField(default=False)
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
    standing = models.CharField(max_length=10, choices=Standing, default=Standing.ACTIVE)
    invited_by = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.SET_NULL, related_name="+", editable=False
    )
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

    # Two keyboards may spell the same letters differently: both make the same password.
    def set_password(self, raw_password: str | None) -> None:
        super().set_password(raw_password and unicodedata.normalize("NFKC", raw_password))

    def check_password(self, raw_password: str | None) -> bool:
        return super().check_password(raw_password and unicodedata.normalize("NFKC", raw_password))


class Invitation(Owned):
    """A way into a tenant: one address, one role, one link.

    Only a live one holds an address; the others stay so that an old link can be told what became of it.
    """

    class State(models.TextChoices):
        PENDING = "pending", "Pending"
        ACCEPTED = "accepted", "Accepted"
        REPLACED = "replaced", "Replaced"  # by a newer mail
        DELETED = "deleted", "Deleted"

    email = models.EmailField("e-mail", max_length=254, blank=True)  # kept in lower case
    role = models.CharField(max_length=10, choices=Role, default=Role.ADMIN)
    digest = models.CharField(max_length=64, unique=True, editable=False)  # SHA-256 of the link's token
    state = models.CharField(max_length=10, choices=State, default=State.PENDING, editable=False)
    expires = models.DateTimeField(editable=False)
    invited_by = models.ForeignKey(
        User, null=True, on_delete=models.SET_NULL, related_name="+", editable=False
    )
    created = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "email"],
                condition=Q(state="pending"),
                name="invitation_one_pending_per_address",
            ),
            models.CheckConstraint(
                condition=Q(state="pending") | Q(email=""), name="invitation_spent_holds_no_address"
            ),
        ]

    def __str__(self) -> str:
        return self.email or f"invitation {self.pk}"

    @property
    def is_expired(self) -> bool:
        return self.expires <= timezone.now()


class Proof(Owned):
    """A link sent to an address: whoever opens it reads that mailbox. Used once, then gone."""

    class Purpose(models.TextChoices):
        VERIFY = "verify", "Verify the address of a new person"
        RESET = "reset", "Choose a new password"
        EMAIL = "email", "Change the address"

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    purpose = models.CharField(max_length=10, choices=Purpose)
    address = models.EmailField(max_length=254)
    digest = models.CharField(max_length=64, unique=True)  # SHA-256 of the link's token
    stamp = models.CharField(max_length=64)  # proofs.stamp(user): dies with the password or the address
    expires = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "purpose"], name="proof_one_per_person_and_purpose")
        ]


class ResetRequest(models.Model):
    """Somebody asked for a new password. Written for known and unknown people alike, so that the answer's
    time tells nothing; a worker looks whether there is such a person, and deletes it."""

    asked = EncryptedTextField()  # {"account": …, "email": …} as JSON, as typed
    created = models.DateTimeField(default=timezone.now)


class BrowserSession(AbstractBaseSession):
    """A browser that is signed in, or about to. `session_key` is a digest: session_store.py."""

    user = models.ForeignKey(User, null=True, on_delete=models.CASCADE, related_name="+")
    browser = models.CharField(max_length=60, blank=True)
    address = models.GenericIPAddressField(null=True)
    started = models.DateTimeField(default=timezone.now)
    seen = models.DateTimeField(default=timezone.now)


class AuditLine(models.Model):
    """Who did what to what, written in the transaction of the change itself (audit.record)."""

    tenant = models.ForeignKey(Tenant, null=True, on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    actor = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    actor_label = models.CharField(max_length=254)  # "removed person 17" once the person is removed
    actor_ref = models.CharField(max_length=40, blank=True)  # "user 17": names nobody, so it may stay
    action = models.CharField(max_length=60)
    target = models.CharField(max_length=120)  # kind and id, such as "app 12"
    target_label = models.CharField(max_length=254, blank=True)
    changes = models.JSONField(default=dict)  # {"name": ["old", "new"]}, never a secret
    request_id = models.CharField(max_length=64, blank=True)
    address = models.GenericIPAddressField(null=True)
    # The chain (chain.py). What can name a person enters it as a salted digest, so that it can be erased.
    sequence = models.PositiveBigIntegerField(default=0)  # 0: written before there was a chain
    seals = models.JSONField(default=dict)
    previous_hash = models.CharField(max_length=64, blank=True)
    hash = models.CharField(max_length=64, blank=True)

    objects = OwnedQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-pk"]
        indexes = [
            models.Index(fields=["tenant", "-at"], name="audit_by_tenant_newest"),
            models.Index(fields=["tenant", "sequence"], name="audit_by_tenant_sequence"),
        ]

    def local_time(self) -> datetime:
        return self.at.astimezone(self.tenant.zone) if self.tenant else self.at


class AuditHead(models.Model):
    """The last link of one tenant's chain of audit lines; the operator's chain has no tenant."""

    chain = models.CharField(max_length=40, unique=True)  # "tenant 12" or "portal"
    tenant = models.ForeignKey(Tenant, null=True, on_delete=models.CASCADE, related_name="+")
    sequence = models.PositiveBigIntegerField(default=0)
    hash = models.CharField(max_length=64, blank=True)
    since = models.DateTimeField(default=timezone.now)


# The room's other models, each beside the code that knows it. Django finds them through this module.
import portal.tenancy.factors.models  # noqa: E402
import portal.tenancy.federation.models  # noqa: E402, F401
