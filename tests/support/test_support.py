"""Asking support: the form, the ticket's life, what is refused, who sees it."""

from __future__ import annotations

import json

import pytest

from apps import secrets
from portal.front.models import Settings
from portal.mail.models import Outbox
from portal.support import leaks, services
from portal.support.models import Message, Ticket
from portal.tenancy import people
from portal.tenancy.models import AuditLine, User
from tests.tenancy.conftest import dump_database

GOOD = {"subject": "Cannot call", "area": "calls", "message": "It says 401.", "request_id": "01ABC"}


@pytest.fixture
def operator(db):
    return User.objects.create_superuser(email="root@portal.example", password="x")


@pytest.fixture
def ticket(dev):
    return services.open_ticket(subject="Cannot call", area="calls", text="It says 401.", by=dev)


def mail_to(address):
    row = Outbox.objects.filter(to=address).latest("pk")
    return row.subject, json.loads(row.body)["text"]


def test_a_question_becomes_a_ticket_and_a_mail_to_the_operator(client, vic):
    Settings.objects.create(support_address="help@operator.example")
    client.force_login(vic)
    where = client.post("/support/", GOOD).url
    ticket = Ticket.objects.get()
    subject, text = mail_to("help@operator.example")
    page = client.get(where).content.decode()

    assert (ticket.state, ticket.opened_by, ticket.request_id) == ("open", vic, "01ABC")
    assert subject == f"[{ticket.reference}] Cannot call"
    assert f"/operator/support/ticket/{ticket.pk}/change/" in text
    assert "Vic Moreau of Northwind" in text
    assert "/usage/requests/?" in page
    assert "With support" in page
    assert AuditLine.objects.filter(action="ticket.opened", actor=vic).count() == 1


def test_without_an_address_every_operator_gets_the_mail(ticket, operator, dev):
    services.add_message(ticket=ticket, text="Still so.", by=dev)

    assert mail_to(operator.email)[0].endswith("another message")


def test_without_an_operator_the_ticket_is_kept_all_the_same(ticket):
    assert Ticket.objects.count() == 1
    assert Outbox.objects.count() == 0


@pytest.mark.parametrize("field", ["subject", "message", "request_id"])
@pytest.mark.parametrize("kind", ["secret", "token"])
def test_a_pasted_secret_is_refused_and_taken_out(client, dev, field, kind):
    secret = secrets.make(kind)
    client.force_login(dev)
    page = client.post("/support/", GOOD | {field: f"Look: {secret}"}).content.decode()

    assert "We took it out" in page
    assert secret not in page
    assert secrets.PREFIXES[kind] + "***" in page
    assert Ticket.objects.count() == 0
    assert secret not in dump_database()


@pytest.mark.parametrize(
    "text",
    [
        "-----BEGIN RSA PRIVATE KEY-----\nMIIEow\n-----END RSA PRIVATE KEY-----",
        "Authorization: Bearer abcdefghij0123456789",
        "curl -H 'authorization: basic dXNlcjpwYXNzd29yZA=='",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.abc",
        "AKIAIOSFODNN7EXAMPLE",
        "ghp_0123456789abcdefghijABCDEFGHIJ012345",
    ],
)
def test_secrets_of_others_are_known_too(text):
    assert leaks.found_in(text)
    assert not leaks.found_in(leaks.masked(text))


@pytest.mark.parametrize(
    "text",
    [
        "The secret begins with wdps_live_ and the token with wdpt_.",
        "I use basic authentication and a bearer token",
        "Authorization: Bearer ***",
        "app_k3j4h5k3j4h5k3j4 wdpc_0123456789abcdefghijABCD",
        "The request id was 01KB3F8Z2X4Y5W6V7T8S9R0QPN.",
    ],
)
def test_what_only_talks_of_secrets_passes(text):
    assert leaks.found_in(text) == []


def test_an_answer_is_secret_free_too_and_reaches_the_asker(client, ticket, operator, dev):
    client.force_login(operator)
    answer = f"/operator/support/ticket/{ticket.pk}/answer/"
    assert b"We took it out" in client.post(answer, {"message": secrets.make("token")}).content
    client.post(answer, {"message": "Ask for a new token."})
    ticket.refresh_from_db()

    assert ticket.state == "answered"
    assert "Ask for a new token." in mail_to(dev.email)[1]
    client.post(answer, {"message": "", "close": "x"})
    ticket.refresh_from_db()
    assert ticket.state == "closed"


def test_another_message_opens_a_closed_ticket_again(client, ticket, dev):
    client.force_login(dev)
    client.post(f"/support/tickets/{ticket.pk}/close/")
    client.post(f"/support/tickets/{ticket.pk}/close/")
    client.post(f"/support/tickets/{ticket.pk}/", {"message": "It is back."})
    ticket.refresh_from_db()

    assert ticket.state == "open"
    told = (
        AuditLine.objects.filter(target=f"ticket {ticket.pk}").order_by("pk").values_list("action", flat=True)
    )
    assert list(told) == ["ticket.opened", "ticket.closed", "ticket.reopened"]


def test_people_see_their_own_tickets_and_admins_all(client, ticket, ada, dev, vic):
    seen = {}
    for person in (ada, dev, vic):
        client.force_login(person)
        seen[person.role] = (
            client.get(f"/support/tickets/{ticket.pk}/").status_code,
            b"Cannot call" in client.get("/support/tickets/?q=401").content,
        )

    assert seen == {"admin": (200, True), "developer": (200, True), "viewer": (404, False)}


def test_a_list_is_searched_filtered_and_sorted(client, ticket, dev):
    services.open_ticket(subject="About usage", area="usage", text="x", request_id="01FIND", by=dev)
    client.force_login(dev)

    def subjects(query):
        return [row.subject for row in client.get("/support/tickets/" + query).context["page"]]

    assert subjects("?q=01FIND") == ["About usage"]
    assert subjects("?state=closed") == []
    assert subjects("?sort=subject") == ["About usage", "Cannot call"]


def test_a_form_is_prefilled_by_the_page_that_leads_here(client, dev):
    client.force_login(dev)
    form = client.get("/support/?request=01XYZ&area=calls").context["form"]

    assert (form["request_id"].value(), form["area"].value()) == ("01XYZ", "calls")


def test_nobody_floods_support(client, dev, monkeypatch):
    monkeypatch.setattr("portal.support.views.PER_HOUR", 2)
    client.force_login(dev)
    statuses = [client.post("/support/", GOOD).status_code for _ in range(3)]

    assert statuses == [302, 302, 429]
    assert Ticket.objects.count() == 2


def test_a_removed_persons_words_go_and_the_ticket_stays(ticket, ada, dev):
    people.remove(person=dev, heir=ada, by=ada)
    ticket.refresh_from_db()

    assert ticket.opened_by == ada
    assert Message.objects.count() == 0
