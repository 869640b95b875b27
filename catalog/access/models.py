"""A tenant's own settings of the gateway."""

from __future__ import annotations

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q

from portal.crypto import EncryptedTextField
from portal.tenancy.models import Owned


class Upstream(Owned):
    """Where `/live/<api>/` leads for one tenant, and how the portal signs in there."""

    class SignIn(models.TextChoices):
        NONE = "none", "None"
        HEADER = "header", "A header with a secret"
        OAUTH = "oauth", "OAuth 2 client credentials"

    api = models.SlugField(max_length=60)
    address = models.CharField(max_length=500)  # no slash at its end
    sign_in = models.CharField(max_length=6, choices=SignIn, default=SignIn.NONE)
    header = models.CharField(max_length=80, blank=True)  # its name
    token_address = models.CharField(max_length=500, blank=True)
    client_id = models.CharField(max_length=200, blank=True)
    scope = models.CharField(max_length=500, blank=True)
    secret = EncryptedTextField(blank=True)  # the header's value, or the client secret
    timeout = models.PositiveSmallIntegerField(  # seconds until the first byte, and between two
        default=30, validators=[MinValueValidator(1), MaxValueValidator(120)]
    )
    version = models.PositiveBigIntegerField()  # milliseconds since 1970: rises also over a deletion
    updated = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "api"], name="upstream_one_per_api")]

    def __str__(self) -> str:
        return f"{self.api} at {self.address}"


class AllowedOrigin(Owned):
    """A web site whose scripts may read what the gateway answers to this tenant's tokens (CORS)."""

    origin = models.CharField(max_length=200, db_index=True)  # https://host[:port], lower case

    class Meta:
        ordering = ["origin"]
        constraints = [models.UniqueConstraint(fields=["tenant", "origin"], name="allowed_origin_once")]

    def __str__(self) -> str:
        return self.origin


class RateLimit(Owned):
    """How many calls each of a tenant's apps may make to one operation in the API's window."""

    api = models.SlugField(max_length=60, blank=True, help_text="Empty: every API without its own.")
    calls = models.PositiveIntegerField(validators=[MinValueValidator(1)])

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant", "api"], name="rate_limit_one_per_api"),
            models.CheckConstraint(condition=Q(calls__gte=1), name="rate_limit_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.calls} calls to {self.api or 'every API'}"
