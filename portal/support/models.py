"""Questions to the operator, and what was said about them."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from portal.tenancy.models import Owned, User


class Area(models.TextChoices):
    SIGN_IN = "sign-in", "Sign-in and people"
    APPS = "apps", "Apps and credentials"
    CATALOG = "catalog", "API catalog and Test Request"
    CALLS = "calls", "Calls and their answers"
    INTEGRATIONS = "integrations", "Integrations"
    USAGE = "usage", "Usage"
    OTHER = "other", "Something else"


class Ticket(Owned):
    """One question. Whose turn it is, is its state."""

    class State(models.TextChoices):
        OPEN = "open", "With support"
        ANSWERED = "answered", "Answered"
        CLOSED = "closed", "Closed"

    reference = models.CharField(max_length=12, unique=True)  # as people quote it
    subject = models.CharField(max_length=120)
    area = models.CharField(max_length=20, choices=Area)
    request_id = models.CharField(max_length=64, blank=True)
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    opened_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    created = models.DateTimeField(default=timezone.now)
    changed = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = "support ticket"
        ordering = ["-changed", "-pk"]
        indexes = [models.Index(fields=["tenant", "-changed"], name="ticket_by_tenant_newest")]

    def __str__(self) -> str:
        return f"{self.reference} {self.subject}"

    @property
    def is_closed(self) -> bool:
        return self.state == self.State.CLOSED


class Message(Owned):
    """One part of the conversation. What a person wrote goes with the person."""

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="messages")
    author = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    is_from_support = models.BooleanField(default=False)
    text = models.TextField()
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = "support message"
        ordering = ["at", "pk"]
