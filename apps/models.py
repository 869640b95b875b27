"""The applications that customers register, and the scopes that APIs publish for them."""

from __future__ import annotations

from typing import Any, Self

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from oauth2_provider.models import AbstractApplication

from portal.tenancy.models import Owned, OwnedQuerySet


class AppQuerySet(OwnedQuerySet):
    def living(self) -> Self:
        return self.filter(deleted_at=None)


class App(Owned, AbstractApplication):
    """A client program of a tenant. A deleted one stays as a row without credentials: usage refers to it."""

    public_id = models.CharField("App ID", max_length=20, unique=True, editable=False)
    description = models.TextField(max_length=500, blank=True)
    folded_name = models.CharField(max_length=255, editable=False)  # names.fold(name)
    scope = models.TextField(blank=True)  # names with blanks between; empty: every published scope
    rate_limit = models.PositiveIntegerField(  # calls a minute and operation; empty: what the API gives
        null=True, blank=True, validators=[MinValueValidator(1)]
    )
    secret_hint = models.CharField(max_length=4, blank=True, editable=False)
    issued_at = models.DateTimeField(default=timezone.now, editable=False)
    credential_epoch = models.PositiveIntegerField(default=1, editable=False)  # counts pairs of credentials
    revocations = models.PositiveIntegerField(default=0, editable=False)  # counts tokens the client gave back
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", editable=False
    )
    console_of = models.ForeignKey(  # whose Test Request it serves; empty for the apps that people made
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", editable=False
    )
    deleted_at = models.DateTimeField(null=True, editable=False)

    objects = AppQuerySet.as_manager()  # type: ignore[misc]  # the base calls its own a class variable

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "folded_name"],
                condition=Q(deleted_at=None),
                name="app_name_once_per_tenant",
            ),
            models.CheckConstraint(
                condition=Q(
                    client_type=AbstractApplication.CLIENT_CONFIDENTIAL,
                    authorization_grant_type=AbstractApplication.GRANT_CLIENT_CREDENTIALS,
                    hash_client_secret=True,
                    user=None,
                ),
                name="app_acts_for_itself_with_a_hashed_secret",
            ),
            models.CheckConstraint(
                condition=Q(deleted_at=None) | Q(client_secret=""), name="app_deleted_has_no_secret"
            ),
            models.UniqueConstraint(
                fields=["console_of"], condition=Q(deleted_at=None), name="app_one_console_per_person"
            ),
            models.CheckConstraint(
                condition=Q(console_of=None) | Q(client_secret=""), name="app_of_a_console_has_no_secret"
            ),
            models.CheckConstraint(
                condition=Q(rate_limit=None) | Q(rate_limit__gte=1), name="app_rate_limit_positive"
            ),
        ]

    @property
    def token_epoch(self) -> int:
        """Rises with everything that ends a token; what caches of tokens are checked against."""
        return self.credential_epoch + self.revocations

    def is_usable(self, request: Any) -> bool:
        return self.deleted_at is None and self.tenant.is_active


class ApiSession(Owned):
    """What a client program got from an API's own sign-in, where that API knows sessions instead of tokens.

    It ends when nothing is called for `idle` seconds, on signing out, and with the app's credentials.
    """

    app = models.ForeignKey(App, on_delete=models.CASCADE, related_name="+")
    digest = models.CharField(max_length=64, unique=True)
    api = models.CharField(max_length=60)  # which it opens, and no other
    scope = models.TextField(blank=True)
    epoch = models.PositiveIntegerField()  # the app's credential_epoch at sign-in
    idle = models.PositiveIntegerField()
    expires = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"{self.api} session of app {self.app_id}"


class Scope(models.Model):
    """What a token may be asked to allow; global, since APIs are published for all tenants."""

    name = models.CharField(max_length=120, unique=True)
    description = models.TextField(blank=True)
    api = models.SlugField(max_length=60)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name
