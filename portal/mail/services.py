"""Putting a mail into the outbox."""

from __future__ import annotations

import json
import logging
from typing import Any

from django.conf import settings
from django.core.validators import validate_email
from django.db import transaction
from django.utils.html import escape

from portal.ids import new_id
from portal.mail import wording
from portal.mail.models import MailWording, Outbox

log = logging.getLogger(__name__)


def queue(template: str, *, to: str | None, context: dict[str, Any], tenant: Any) -> Outbox:
    """Writes the mail in the caller's transaction; it leaves after the commit, or waits for the server.

    `context` gives the values of the template's {names}. `to=None` makes a decoy: the work of a mail that
    goes to nobody, so that an answer's time does not tell whether an address is known.
    """
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError(f"{template}: a mail belongs to the transaction of what it tells of")
    if to is not None:
        validate_email(to)  # also refuses line breaks
    subject, text, html = render(template, context)
    mail = Outbox.objects.create(
        tenant=tenant,
        template=template,
        to=to or "",
        subject=subject,
        body=json.dumps({"text": text, "html": html}, ensure_ascii=False),
        message_id=f"<{new_id()}@{_domain()}>",
        state=Outbox.State.QUEUED if to else Outbox.State.DECOY,
    )
    transaction.on_commit(lambda: _ring(mail), robust=True)
    return mail


def render(template: str, context: dict[str, Any]) -> tuple[str, str, str]:
    """Subject, text and HTML, in the operator's words where there are some."""
    known = wording.TEMPLATES[template]
    facts = {name: wording.one_line(value) for name, value in context.items()}
    facts["portal"] = settings.PORTAL_NAME
    assert facts.keys() == known.names, f"{template} needs {sorted(known.names)}"
    own = MailWording.objects.filter(template=template).values_list("subject", "text").first()
    subject, text = own or wording.own_words(template)
    subject = wording.one_line(wording.fill(subject, facts))[:200]
    return subject, wording.fill(text, facts), wording.html(template, subject, text, facts)


def _domain() -> str:
    host: str = settings.PORTAL_URL.split("://", 1)[-1].split("/")[0].rsplit(":", 1)[0]
    return host.strip("[]").replace(":", ".") or "localhost"


def _ring(mail: Outbox) -> None:
    """The same for a decoy, so that its answer takes as long."""
    if not settings.MAIL_IS_DELIVERED:
        log.info("mail_kept mail=%s: EMAIL_URL is not set, read it in /operator/mail/", mail.pk)
        return
    from portal.mail.tasks import send_waiting  # tasks import this module's neighbours

    send_waiting.delay()


def erase(tenant: Any, addresses: set[str], names: set[str]) -> None:
    """Deletes the mails to somebody, and takes their name out of waiting mails to others."""
    Outbox.objects.filter(tenant=tenant, to__in=addresses).delete()
    spellings = [
        spelling for name in sorted(names, key=len, reverse=True) for spelling in (name, escape(name))
    ]
    for mail in Outbox.objects.filter(tenant=tenant).exclude(body=None):
        body: dict[str, str] = json.loads(mail.body or "{}")
        for spelling in spellings:
            body = {part: words.replace(spelling, "somebody who has left") for part, words in body.items()}
        mail.body = json.dumps(body, ensure_ascii=False)
        mail.save(update_fields=["body"])
