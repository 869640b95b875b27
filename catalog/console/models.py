"""What a person keeps of Test Request: requests, and values to use again. Never a secret."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from portal.tenancy.models import Owned


class TestRequest(Owned):
    """A request of one person: with a name it is saved, without one it is history and ends by itself."""

    __test__ = False  # pytest would take the name for a test

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    api = models.CharField(max_length=60)
    operation = models.CharField(max_length=200)
    method = models.CharField(max_length=8)
    environment = models.CharField(max_length=10, choices=[("sandbox", "Sandbox"), ("live", "Live")])
    name = models.CharField(max_length=80, blank=True)
    content = models.TextField()  # the form's values as JSON, without credentials
    status = models.PositiveSmallIntegerField(null=True)  # empty: no answer came
    took_ms = models.PositiveIntegerField(null=True)
    at = models.DateTimeField(default=timezone.now)
    share = models.CharField(max_length=32, null=True, unique=True)  # noqa: DJ001 - unique, or not shared

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "name"], condition=~Q(name=""), name="test_request_name_once_per_person"
            ),
            models.CheckConstraint(
                condition=Q(share=None) | ~Q(name=""), name="test_request_shared_has_a_name"
            ),
        ]
        indexes = [models.Index(fields=["user", "-at"], name="test_request_newest_first")]

    def __str__(self) -> str:
        return self.name or f"{self.method} {self.operation}"


class Variable(Owned):
    """A value that a person took from an answer, to be written as {{name}} in other requests."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=60)
    value = models.CharField(max_length=2000)

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["user", "name"], name="variable_name_once_per_person")]

    def __str__(self) -> str:
        return self.name
