"""A tenant's own identity provider, and who its people are there."""

from __future__ import annotations

from typing import Any

from django.db import models

from portal.crypto import EncryptedJSONField
from portal.tenancy.models import Owned, Tenant, User


class IdentityProvider(Owned):
    """Where a tenant's people sign in instead of here. Works only while `is_enabled`."""

    class Kind(models.TextChoices):
        OIDC = "oidc", "OpenID Connect"
        SAML = "saml", "SAML 2.0"

    tenant = models.OneToOneField(Tenant, on_delete=models.CASCADE, related_name="identity_provider")
    kind = models.CharField(max_length=4, choices=Kind)
    issuer = models.CharField(max_length=512)  # OIDC issuer or SAML entity id
    settings = EncryptedJSONField()  # oidc.Settings or saml.Settings as a dict
    is_enabled = models.BooleanField(default=False)
    version = models.PositiveIntegerField(default=1)  # grows with every change of the settings
    # The last sign-in that worked with these settings; empty again after a change.
    tested_at = models.DateTimeField(null=True)
    tested_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    tested_subject = models.CharField(max_length=255, blank=True)

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.issuer}"[:200]

    def setting(self, name: str) -> Any:
        return self.settings.get(name, "")


class FederatedIdentity(Owned):
    """A person as their tenant's provider knows them. Addresses change hands; this pair does not."""

    user = models.OneToOneField(User, on_delete=models.CASCADE, related_name="federated_identity")
    issuer = models.CharField(max_length=512)
    subject = models.CharField(max_length=255)
    created = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "issuer", "subject"], name="federated_identity_once_per_tenant"
            )
        ]

    def __str__(self) -> str:
        return f"identity of {self.user}"
