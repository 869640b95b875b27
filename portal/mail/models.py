"""Mails on their way, and the operator's wording of them."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils import timezone

from portal.crypto import EncryptedTextField
from portal.mail import wording


class Outbox(models.Model):
    """One mail. Written in the transaction of the action that it tells of; sent afterwards.

    The body is needed until the server has taken the mail, and holds a link that lets somebody in: it is
    encrypted and emptied once the mail is sent. Only the subject stays.
    """

    class State(models.TextChoices):
        QUEUED = "queued", "Waiting"
        SENT = "sent", "Sent"
        FAILED = "failed", "Given up"
        DECOY = "decoy", "Not for anybody"  # queue(to=None)

    tenant = models.ForeignKey("tenancy.Tenant", null=True, on_delete=models.CASCADE, related_name="+")
    template = models.CharField(max_length=40)
    to = models.EmailField(max_length=254, blank=True)
    subject = models.CharField(max_length=200)
    body = EncryptedTextField(null=True)
    message_id = models.CharField(max_length=120, unique=True)  # the same at every try
    state = models.CharField(max_length=10, choices=State, default=State.QUEUED)
    tries = models.PositiveIntegerField(default=0)
    next_try = models.DateTimeField(default=timezone.now)
    last_error = models.CharField(max_length=200, blank=True)  # kind and code, never the server's words
    created = models.DateTimeField(default=timezone.now)
    sent = models.DateTimeField(null=True)

    class Meta:
        verbose_name = "mail"
        ordering = ["-created", "-pk"]
        indexes = [
            models.Index(fields=["next_try"], condition=Q(state="queued"), name="outbox_waiting_by_next_try")
        ]
        constraints = [
            models.CheckConstraint(
                condition=~Q(state="sent") | Q(body=None), name="outbox_sent_holds_no_body"
            )
        ]

    def __str__(self) -> str:
        return self.subject


class MailWording(models.Model):
    """The operator's own words for one kind of mail, in place of templates/mail/."""

    template = models.CharField(max_length=40, unique=True, choices=wording.choices)
    subject = models.CharField(max_length=150)
    text = models.TextField(
        help_text="Blank lines part paragraphs. A line that holds only {link} becomes a link in words."
    )

    class Meta:
        verbose_name = "wording of a mail"
        verbose_name_plural = "wordings of mails"

    def __str__(self) -> str:
        return self.template

    def clean(self) -> None:
        known = wording.TEMPLATES.get(self.template)
        if known is None:
            return
        strange = wording.names_in(f"{self.subject}\n{self.text}") - known.names
        if strange:
            raise ValidationError(
                f"This mail does not know {{{sorted(strange)[0]}}}. It knows {known.shown_names()}."
            )
        if "link" in known.names and "{link}" not in self.text:
            raise ValidationError({"text": "Without {link} the reader cannot go on."})
        if any(not letter.isprintable() for letter in self.subject):
            raise ValidationError({"subject": "The subject is one line of visible characters."})
