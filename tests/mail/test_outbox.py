"""Mails: queued with the change, sent once by a real server's account, emptied afterwards."""

from __future__ import annotations

import logging
import threading
from contextlib import contextmanager
from datetime import timedelta
from email import message_from_bytes, policy

import pytest
import time_machine
from aiosmtpd.controller import Controller
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connections, transaction
from django.urls import reverse
from django.utils import timezone

from portal import mail
from portal.mail import sending, wording
from portal.mail.models import MailWording, Outbox
from portal.mail.services import render
from portal.tenancy.models import User

FACTS = {
    "account": "Northwind",
    "name": "Ada <b>Okafor</b>",
    "hours": 2,
    "link": "http://127.0.0.1:8000/verify/abc/",
}


class Mailbox:
    """What a server does with each mail: takes it, or answers `reply`."""

    def __init__(self):
        self.mails = []
        self.reply = "250 OK"

    async def handle_DATA(self, server, session, envelope):
        if self.reply.startswith("250"):
            self.mails.append(
                (envelope.rcpt_tos, message_from_bytes(envelope.content, policy=policy.default))
            )
        return self.reply


@contextmanager
def server(settings, mailbox, port=0):
    controller = Controller(mailbox, hostname="127.0.0.1", port=port or _free_port())
    controller.start()
    try:
        yield controller
    finally:
        controller.stop()


def _free_port():
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def delivered(settings):
    settings.MAIL_IS_DELIVERED = True
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", _free_port(), 2
    return settings


@transaction.atomic
def queue(to="ada@northwind.example", tenant=None, **more):
    return mail.queue("verify", to=to, context=FACTS | more, tenant=tenant)


def test_a_mail_says_the_same_in_text_and_html(db):
    subject, text, html = render("verify", FACTS)

    assert subject == "Verify your address for the Workforce Developer Portal"
    assert "Hello Ada <b>Okafor</b>," in text
    assert "http://127.0.0.1:8000/verify/abc/" in text
    assert "Hello Ada &lt;b&gt;Okafor&lt;/b&gt;," in html
    assert '<a href="http://127.0.0.1:8000/verify/abc/">' in html
    assert "style=" not in html


@pytest.mark.parametrize("name", sorted(wording.TEMPLATES))
def test_every_template_has_words_that_mention_only_what_it_knows(db, name):
    known = wording.TEMPLATES[name]
    subject, text = wording.own_words(name)
    facts = {word: f"<{word}>" for word in known.names if word != "portal"}

    assert wording.names_in(subject + text) <= known.names
    assert known.names - {"portal"} <= wording.names_in(text)
    assert "{" not in "".join(render(name, facts))


@pytest.mark.parametrize("break_", ["\r\n", "\n", "\r", "\u2028", "\x0b", "\x85", "\0"])
def test_no_value_starts_a_header_or_a_line(db, break_):
    with pytest.raises(ValidationError):
        queue(to=f"a@b.example{break_}Bcc: all@b.example")
    MailWording.objects.create(template="verify", subject="For {name}", text="{name} {link}")
    mail_row = queue(name=f"Ada{break_}Bcc: all@b.example")

    assert mail_row.subject == "For Ada Bcc: all@b.example"
    made = sending.message(Outbox.objects.get()).message()
    assert (made["Subject"], made["Bcc"], made["To"]) == (mail_row.subject, None, "ada@northwind.example")
    assert made.get_payload()[0].get_payload().count("\n") <= 1


def test_a_mail_without_its_change_does_not_exist(db):
    with transaction.atomic():
        mail.queue("verify", to="a@b.example", context=FACTS, tenant=None)
        transaction.set_rollback(True)

    assert Outbox.objects.count() == 0


def test_a_mail_outside_of_a_transaction_is_a_bug(transactional_db):
    with pytest.raises(RuntimeError):
        mail.queue("verify", to="a@b.example", context=FACTS, tenant=None)


def test_a_mail_waits_while_the_server_is_away_and_is_sent_once(db, delivered, caplog):
    row = queue()
    with caplog.at_level(logging.WARNING):
        assert sending.send_waiting() == 0
    row.refresh_from_db()
    assert (row.state, row.tries, row.last_error) == ("queued", 1, "ConnectionRefusedError 111")
    assert sending.send_waiting() == 0  # not due yet
    assert Outbox.objects.get().tries == 1

    mailbox = Mailbox()
    with (
        server(delivered, mailbox, delivered.EMAIL_PORT),
        time_machine.travel(timezone.now() + timedelta(seconds=11)),
    ):
        assert [sending.send_waiting(), sending.send_waiting()] == [1, 0]
    row.refresh_from_db()
    ((to, got),) = mailbox.mails
    assert (to, got["Subject"], got["Message-ID"]) == ([row.to], row.subject, row.message_id)
    assert got.get_body(("plain",)).get_content().startswith("Hello Ada")
    assert "verify/abc" in got.get_body(("html",)).get_content()
    assert (row.state, row.body, row.last_error, row.tries) == ("sent", None, "", 2)


def test_waits_grow_and_the_words_of_the_server_are_not_kept(db, delivered):
    mailbox = Mailbox()
    mailbox.reply = "451 the link http://127.0.0.1/verify/secret looks odd"
    row = queue()
    waits = []
    with server(delivered, mailbox, delivered.EMAIL_PORT):
        for _ in range(4):
            with time_machine.travel(row.next_try + timedelta(seconds=1), tick=False):
                sending.send_waiting()
                row.refresh_from_db()
                waits.append(round((row.next_try - timezone.now()).total_seconds()))

    assert waits == [10, 30, 60, 300]
    assert (row.state, row.last_error) == ("queued", "SMTPDataError 451")


def test_a_mail_that_the_server_will_never_take_is_given_up_and_stops_no_other(db, delivered):
    mailbox = Mailbox()
    first, second = queue("bad@b.example"), queue("good@b.example")

    class Picky(Mailbox):
        async def handle_RCPT(self, server, session, envelope, address, options):
            if address.startswith("bad"):
                return "550 no such person"
            envelope.rcpt_tos.append(address)
            return "250 OK"

    mailbox = Picky()
    with server(delivered, mailbox, delivered.EMAIL_PORT):
        assert sending.send_waiting() == 1
    first.refresh_from_db()
    second.refresh_from_db()

    assert (first.state, second.state) == ("failed", "sent")
    assert [to for to, _ in mailbox.mails] == [["good@b.example"]]


def test_a_mail_sealed_under_a_lost_key_stops_no_other(db, delivered, settings):
    lost = queue("lost@b.example")
    settings.SECRET_KEY = "another-" + "k" * 50
    queue("good@b.example")
    mailbox = Mailbox()
    with server(delivered, mailbox, delivered.EMAIL_PORT):
        assert sending.send_waiting() == 1
    row = Outbox.objects.defer("body").get(pk=lost.pk)

    assert (row.state, row.last_error) == ("failed", "WrongKey")


def test_many_workers_send_each_mail_once(transactional_db, delivered):
    for number in range(60):
        queue(f"p{number}@b.example")
    mailbox = Mailbox()

    def work():
        sending.send_waiting()
        connections.close_all()

    with server(delivered, mailbox, delivered.EMAIL_PORT):
        workers = [threading.Thread(target=work) for _ in range(4)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()

    assert sorted(to[0] for to, _ in mailbox.mails) == sorted(f"p{number}@b.example" for number in range(60))
    assert set(Outbox.objects.values_list("state", flat=True)) == {"sent"}


@pytest.mark.load
def test_a_thousand_mails_outlive_half_an_hour_without_a_server(db, delivered):
    for number in range(1000):
        queue(f"p{number}@b.example")
    start = timezone.now()
    for minute in range(30):
        with time_machine.travel(start + timedelta(minutes=minute)):
            assert sending.send_waiting() == 0
    mailbox = Mailbox()
    with server(delivered, mailbox, delivered.EMAIL_PORT), time_machine.travel(start + timedelta(hours=1)):
        sent = [sending.send_waiting() for _ in range(11)]

    assert (sum(sent), len({to[0] for to, _ in mailbox.mails}), len(mailbox.mails)) == (1000, 1000, 1000)


def test_a_worker_that_died_gives_its_mail_back(db, delivered):
    row = queue()
    assert sending._take(row)
    mailbox = Mailbox()
    with server(delivered, mailbox, delivered.EMAIL_PORT):
        assert sending.send_waiting() == 0
        with time_machine.travel(timezone.now() + timedelta(minutes=6)):
            assert sending.send_waiting() == 1
    assert [got["Message-ID"] for _, got in mailbox.mails] == [row.message_id]


def test_without_a_server_mails_stay_and_the_log_says_where(db, caplog, django_capture_on_commit_callbacks):
    with caplog.at_level(logging.INFO), django_capture_on_commit_callbacks(execute=True):
        row = queue()
    assert sending.send_waiting() == 0

    assert Outbox.objects.get().state == "queued"
    (line,) = [record.getMessage() for record in caplog.records if record.name == "portal.mail.services"]
    assert line == f"mail_kept mail={row.pk}: EMAIL_URL is not set, read it in /operator/mail/"


def test_the_table_shows_no_link_and_a_sent_mail_no_body(db):
    from tests.tenancy.conftest import dump_database

    row = queue()
    assert "verify/abc" not in dump_database()
    with pytest.raises(IntegrityError), transaction.atomic():
        Outbox.objects.filter(pk=row.pk).update(state="sent")


def test_old_bodies_decoys_and_rows_are_dropped(db):
    old, decoy = queue(), queue(to=None)
    now = timezone.now()
    with time_machine.travel(now + timedelta(days=8)):
        sending.tidy()
    old.refresh_from_db()
    assert (old.state, old.body, Outbox.objects.filter(pk=decoy.pk).exists()) == ("failed", None, False)
    with time_machine.travel(now + timedelta(days=31)):
        sending.tidy()
    assert Outbox.objects.count() == 0


# ---------------------------------------------------------------- the operator


@pytest.fixture
def operator(client, db):
    client.force_login(User.objects.create_superuser(email="root@portal.example", password="x"))


def test_the_operator_reads_waiting_mails_and_tries_again(client, operator, ada):
    row = queue()
    listed = client.get(reverse("admin:mail_outbox_changelist"))
    read = client.get(reverse("admin:mail_outbox_text", args=[row.pk]))
    Outbox.objects.filter(pk=row.pk).update(state="failed")
    client.post(
        reverse("admin:mail_outbox_changelist"), {"action": "try_again", "_selected_action": [row.pk]}
    )
    row.refresh_from_db()

    assert b"Verify your address" in listed.content
    assert b"/verify/abc/" in read.content
    assert row.state == "queued"
    client.force_login(ada)
    assert client.get(reverse("admin:mail_outbox_text", args=[row.pk])).status_code == 302


def test_the_operators_words_take_the_place_of_ours(client, operator):
    page = reverse("admin:mail_mailwording_add")
    assert b"One step is left" in client.get(page + "?template=verify").content
    bad = client.post(page, {"template": "verify", "subject": "Hi {secret}", "text": "{link}"})
    linkless = client.post(page, {"template": "verify", "subject": "Hi", "text": "Hello"})
    assert b"This mail does not know {secret}" in bad.content
    assert b"Without {link}" in linkless.content
    client.post(page, {"template": "verify", "subject": "Grüezi {name}", "text": "Hoi {name}\n\n{link}"})
    subject, text, html = render("verify", FACTS | {"name": "Ada"})

    assert (subject, text) == ("Grüezi Ada", "Hoi Ada\n\nhttp://127.0.0.1:8000/verify/abc/")
    assert "<b>Verify my address</b>" in html
