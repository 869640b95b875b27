"""A person's second factors. Operators have none here: these belong to a tenant's people."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from portal.crypto import EncryptedTextField
from portal.tenancy.models import Owned, User


class Authenticator(Owned):
    """The shared secret of an authenticator app (RFC 6238), at most one a person."""

    user = models.OneToOneField(User, on_delete=models.CASCADE, related_name="authenticator")
    secret = EncryptedTextField()
    last_step = models.BigIntegerField(default=0)  # the newest 30 s step whose code was used
    created = models.DateTimeField(auto_now_add=True)
    last_used = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return "authenticator app"


class Passkey(Owned):
    """One WebAuthn credential: what the portal must know to check its signatures."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="passkeys")
    name = models.CharField(max_length=60)
    credential_id = models.CharField(max_length=1400, unique=True)  # base64url
    credential = models.BinaryField()  # attested credential data: id, key, model of the device
    sign_count = models.BigIntegerField(default=0)
    created = models.DateTimeField(auto_now_add=True)
    last_used = models.DateTimeField(null=True)

    class Meta:
        ordering = ["created", "pk"]

    def __str__(self) -> str:
        return self.name


class RecoveryCode(Owned):
    """One of ten codes for the day the other factors are lost; each works once."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="recovery_codes")
    salt = models.CharField(max_length=32)  # the same for one person's set
    digest = models.CharField(max_length=64)
    used = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "digest"], name="recovery_code_once_per_person"),
            models.CheckConstraint(condition=~Q(salt=""), name="recovery_code_is_salted"),
        ]

    def __str__(self) -> str:
        return f"recovery code {self.pk}"
