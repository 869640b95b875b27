"""Handing waiting mails to the mail server, each once.

A worker takes a mail by moving its next try into the future: of two workers one wins, and a worker that
dies gives the mail back by doing nothing. The mail may then arrive twice, under the same Message-ID.
"""

from __future__ import annotations

import json
import logging
import smtplib
from datetime import timedelta

from django.conf import settings
from django.core import mail
from django.core.mail.backends.base import BaseEmailBackend
from django.utils import timezone

from portal.crypto import WrongKey
from portal.mail.models import Outbox

log = logging.getLogger(__name__)
AT_ONCE = 100
HELD = timedelta(minutes=5)  # longer than a server may take for one mail
WAITS = (10, 30, 60, 300, 900, 3600)  # seconds after the first, second, … failure; then the last for ever
GIVE_UP = timedelta(days=3)
KEEP_SENT = timedelta(days=30)
KEEP_BODY = timedelta(days=7)  # no link lives longer


def send_waiting() -> int:
    """Sends what is due, oldest first. Returns how many the server took."""
    if not settings.MAIL_IS_DELIVERED:
        return 0
    due = Outbox.objects.filter(state=Outbox.State.QUEUED, next_try__lte=timezone.now())
    took = 0
    connection = mail.get_connection()
    try:
        # Bodies are read one by one: a mail that cannot be decrypted must not stop the others.
        for row in due.defer("body").order_by("next_try", "pk")[:AT_ONCE]:
            if not _take(row):
                continue
            error = _send(row, connection)
            if error is None:
                took += 1
            elif isinstance(error, OSError) and not isinstance(error, smtplib.SMTPRecipientsRefused):
                break  # the server is away: the others need not wait for a time-out each
    finally:
        _close(connection)
    return took


def _take(row: Outbox) -> bool:
    mine = Outbox.objects.filter(pk=row.pk, state=Outbox.State.QUEUED, tries=row.tries)
    row.tries += 1
    return bool(mine.update(tries=row.tries, next_try=timezone.now() + HELD))


def _send(row: Outbox, connection: BaseEmailBackend) -> Exception | None:
    """None when the server took it; otherwise what went wrong, already noted in the row."""
    try:
        message(row, connection).send()
    except WrongKey as error:
        _note(row, error, is_final=True)
        return error
    except (smtplib.SMTPException, OSError) as error:
        _close(connection)
        _note(row, error, is_final=_refused(error) or timezone.now() - row.created > GIVE_UP)
        return error
    Outbox.objects.filter(pk=row.pk).update(
        state=Outbox.State.SENT, sent=timezone.now(), body=None, last_error=""
    )
    return None


def message(row: Outbox, connection: BaseEmailBackend | None = None) -> mail.EmailMultiAlternatives:
    body = json.loads(row.body or "{}")
    made = mail.EmailMultiAlternatives(
        row.subject,
        body["text"],
        settings.DEFAULT_FROM_EMAIL,
        [row.to],
        connection=connection,
        headers={"Message-ID": row.message_id, "Auto-Submitted": "auto-generated"},
    )
    made.attach_alternative(body["html"], "text/html")
    return made


def _refused(error: Exception) -> bool:
    """The server said that this mail will never be taken (5xx)."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return all(500 <= code < 600 for code, _ in error.recipients.values())
    return (
        isinstance(error, smtplib.SMTPDataError | smtplib.SMTPSenderRefused) and 500 <= error.smtp_code < 600
    )


def _note(row: Outbox, error: Exception, *, is_final: bool) -> None:
    """The server's words may quote the mail: only kind and code are kept."""
    wait = timedelta(seconds=WAITS[min(row.tries, len(WAITS)) - 1])
    code = getattr(error, "smtp_code", "") or getattr(error, "errno", "") or ""
    text = f"{type(error).__name__} {code}".strip()
    state = Outbox.State.FAILED if is_final else Outbox.State.QUEUED
    Outbox.objects.filter(pk=row.pk).update(state=state, next_try=timezone.now() + wait, last_error=text)
    log.warning(
        "mail_%s mail=%s try=%s error=%s", "given_up" if is_final else "waits", row.pk, row.tries, text
    )


def _close(connection: BaseEmailBackend) -> None:
    try:
        connection.close()
    except (smtplib.SMTPException, OSError):
        return


def tidy() -> None:
    """Drops decoys, bodies whose links are dead, and the rows of mails long sent."""
    now = timezone.now()
    Outbox.objects.filter(state=Outbox.State.DECOY).delete()
    Outbox.objects.filter(created__lt=now - KEEP_BODY).exclude(body=None).update(
        state=Outbox.State.FAILED, body=None, last_error="Too old"
    )
    Outbox.objects.exclude(state=Outbox.State.QUEUED).filter(created__lt=now - KEEP_SENT).delete()
