"""What the portal knows about a person: all of it on request, none of it after removal."""

from __future__ import annotations

from datetime import timedelta
from fnmatch import fnmatch
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.test import Client
from django.utils import timezone

from portal.mail.models import Outbox
from portal.tenancy import invitations, people, personal, proofs
from portal.tenancy.models import AuditLine, Invitation, Proof, User
from tests.conftest import PASSWORD
from tests.tenancy.conftest import dump_database

CANARY = "zqcanary"


def declared(label):
    return [
        pattern
        for table in (personal.PERSONAL, personal.SECRET, personal.PLAIN)
        for pattern in table.get(label, "").split()
    ]


@pytest.mark.parametrize(
    "model", apps.get_models(include_auto_created=True), ids=lambda model: model._meta.label
)
def test_every_column_is_declared_once(model):
    """For a new column: decide whether it tells of a person, and write it into personal.py."""
    label = model._meta.label
    if label in personal.EMPTY:
        return
    patterns = declared(label)
    columns = [field.name for field in model._meta.concrete_fields]

    assert {name: sum(fnmatch(name, one) for one in patterns) for name in columns} == dict.fromkeys(
        columns, 1
    )
    assert [one for one in patterns if not any(fnmatch(name, one) for name in columns)] == []


def test_every_personal_table_says_how_to_find_a_persons_rows():
    assert personal.ROWS_OF.keys() == personal.PERSONAL.keys()


@pytest.fixture
def canary(ada, cheap_hash):
    """A person whose every personal column holds something of their own."""
    from apps.console import sandbox_client
    from apps.services import create_app
    from catalog.console.models import TestRequest, Variable
    from integrations.models import Integration
    from portal.runs.models import Run
    from portal.support.services import open_ticket
    from portal.tenancy.factors.models import Authenticator, Passkey, RecoveryCode
    from portal.tenancy.federation.models import FederatedIdentity, IdentityProvider
    from usage.models import Alert

    person = User.objects.create(
        tenant=ada.tenant,
        email=f"{CANARY}-old@x.example",
        first_name=f"{CANARY}First",
        last_name=f"{CANARY}Läst",
        occupation=f"{CANARY}-work",
        role="developer",
        invited_by=ada,
    )
    person.set_password(PASSWORD)
    person.save()
    tenant = ada.tenant
    proofs.ask_email(user=person, address=f"{CANARY}@x.example")
    from tests.tenancy.test_proofs import digest_in, mails_to

    person = proofs.change_email(digest=digest_in(mails_to(f"{CANARY}@x.example", "email_confirm")[-1]))
    browser = Client(HTTP_USER_AGENT="Firefox/1 Linux", REMOTE_ADDR="192.0.2.77")
    assert (
        browser.post("/signin/", {"account": "northwind", "email": person.email, "password": PASSWORD}).url
        == "/"
    )
    invitations.invite(tenant=tenant, email="guest@x.example", role="viewer", by=person)
    proofs.ask_reset(account="northwind", email=person.email)
    proofs.answer_resets()
    people.rename(person=person, first_name=f"{CANARY}First", last_name=f"{CANARY}Läst2", by=ada)
    create_app(name="Payroll", description="", by=person)
    sandbox_client(by=person)
    Alert.objects.create(tenant=tenant, measure="calls", threshold=1, created_by=person)
    TestRequest.objects.create(tenant=tenant, user=person, name=f"{CANARY}-request", content=CANARY)
    Variable.objects.create(tenant=tenant, user=person, name=f"{CANARY}Name", value=CANARY)
    Run.objects.create(tenant=tenant, kind="k", subject="s", started_by=person, state="done")
    Integration.objects.create(
        tenant=tenant, provider="bamboohr", company_domain="x", api_key="k", created_by=person
    )
    open_ticket(subject="A question", area="apps", text=f"{CANARY} asks", by=person)
    moment = timezone.now()
    Authenticator.objects.create(tenant=tenant, user=person, secret="s", last_used=moment)
    Passkey.objects.create(
        tenant=tenant, user=person, name=f"{CANARY}-key", credential_id="c", credential=b"x", last_used=moment
    )
    RecoveryCode.objects.create(tenant=tenant, user=person, salt="s", digest="d", used=moment)
    FederatedIdentity.objects.create(
        tenant=tenant, user=person, issuer="https://idp.example", subject=f"{CANARY}-sub"
    )
    IdentityProvider.objects.create(
        tenant=tenant,
        kind="oidc",
        issuer="https://idp.example",
        settings={},
        tested_by=person,
        tested_at=moment,
        tested_subject=f"{CANARY}-sub",
    )
    sent = Outbox.objects.filter(to=person.email, template="email_confirm")
    sent.update(state="sent", sent=moment, body=None)
    return browser, User.objects.get(pk=person.pk)


def test_a_person_downloads_every_personal_column(canary):
    browser, person = canary
    answer = browser.post("/account/data/")
    told = answer.json()

    assert answer["Content-Disposition"] == 'attachment; filename="my-data.json"'
    for label, columns in personal.PERSONAL.items():
        rows = told[label]
        assert rows, f"{label}: no row in the export"
        for name in columns.split():
            assert any(row[name] not in (None, "", {}) for row in rows), (
                f"{label}.{name} is empty in the export"
            )
    assert told["tenancy.User"][0]["email"] == person.email
    assert told["mail.Outbox"][0]["to"] == person.email
    text = answer.content.decode()
    for secret in (person.password, Proof.objects.get(user=person).digest, "guest@"):
        assert secret not in text.replace('"target_label": "guest@x.example"', "").replace(
            '"email": "guest@x.example"', ""
        )
    assert AuditLine.objects.filter(action="user.data_exported").count() == 1


def test_the_export_needs_a_post_and_holds_nobody_else(canary, client, dev, mallory):
    client.force_login(dev)

    assert client.get("/account/data/").status_code == 405
    assert CANARY not in client.post("/account/data/").content.decode()


def test_nothing_is_left_of_a_removed_person(canary, ada, dev, valkey):
    browser, person = canary
    with_name = [mail_row for mail_row in dump_database().splitlines() if CANARY in mail_row]
    assert with_name
    number = person.pk
    people.remove(person=person, heir=dev, by=ada)
    text = dump_database()
    stored = b"".join(_value(valkey, key) + key for key in valkey.keys("*"))
    # Counters of tries know an address, and forget it within five minutes.
    assert [key for key in valkey.keys("*192.0.2.77*") if not 0 < valkey.ttl(key) <= 300] == []
    files = b"".join(
        path.read_bytes()
        for path in Path(settings.VAR_DIR).rglob("*")
        if path.is_file() and path.stat().st_size < 10_000_000
    )

    for place in (text, stored.decode("latin-1"), files.decode("latin-1")):
        assert CANARY not in place.lower()
    assert "192.0.2.77" not in text
    assert browser.get("/account/").status_code == 302
    assert Invitation.objects.get().invited_by is None
    labels = set(AuditLine.objects.filter(actor_ref=f"user {number}").values_list("actor_label", flat=True))
    assert labels == {f"removed person {number}"}
    last = AuditLine.objects.of(ada.tenant).order_by("-sequence")[0]
    assert (last.action, last.actor, last.target_label) == ("user.removed", ada, f"removed person {number}")


def _value(valkey, key):
    kind = valkey.type(key)
    read = {b"string": valkey.get, b"hash": valkey.hgetall, b"set": valkey.smembers}
    if kind == b"list":
        return str(valkey.lrange(key, 0, -1)).encode()
    return str(read.get(kind, lambda _: b"")(key)).encode()


def test_waiting_mails_to_others_lose_the_name(canary, ada, dev):
    from tests.tenancy.conftest import mails_to

    _, person = canary
    assert person.first_name in mails_to("guest@x.example")[0]["text"]
    people.remove(person=person, heir=dev, by=ada)
    guest = mails_to("guest@x.example")[0]

    assert CANARY not in guest["text"] + guest["html"]
    assert "somebody who has left" in guest["text"]


def test_an_admin_may_remove_themselves_when_another_is_left(ada, dev):
    other = User.objects.create(tenant=ada.tenant, email="bo@x.example", role="admin")
    people.remove(person=ada, heir=None, by=ada)

    assert [*User.objects.filter(tenant=other.tenant).order_by("email").values_list("email", flat=True)] == [
        "bo@x.example",
        "dev@northwind.example",
    ]
    assert "ada@" not in dump_database()


def test_the_moment_of_removal_is_kept(ada, dev):
    people.remove(person=dev, heir=None, by=ada)
    line = AuditLine.objects.of(ada.tenant).get(action="user.removed")

    assert timezone.now() - line.at < timedelta(seconds=20)
