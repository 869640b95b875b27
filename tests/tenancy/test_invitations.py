"""Inviting: one and many, resend, delete, and what each kind of link says."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from portal.tenancy import invitations
from portal.tenancy.errors import InviteRefused, LinkSpent
from portal.tenancy.models import AuditLine, BrowserSession, Invitation, Standing, User
from tests.tenancy.conftest import dump_database, link_in, mails_to

NEW = "new@northwind.example"
PASSWORD = "correct horse battery staple"
ANSWERS = {
    "first_name": "Nia",
    "last_name": "Berg",
    "occupation": "developer",
    "password": PASSWORD,
    "again": PASSWORD,
}
pytestmark = pytest.mark.usefixtures("cheap_hash")


@pytest.fixture
def invited(ada):
    return invitations.invite(tenant=ada.tenant, email=NEW, role="developer", by=ada)


def link():
    return link_in(mails_to(NEW, "invitation")[-1])


def audit_lines(tenant):
    return [*AuditLine.objects.of(tenant).order_by("sequence").values_list("action", "actor_id")][1:]


def test_an_invitation_is_mailed_and_its_token_kept_nowhere(ada, invited):
    (mail,) = mails_to(NEW)
    token = link().split("/")[2]

    assert mail["subject"] == "You are invited to Northwind in the Workforce Developer Portal"
    assert "Ada Okafor" in mail["text"]
    assert "as developer" in mail["text"]
    assert "account name is northwind" in mail["text"]
    assert len(token) == 43
    assert token not in dump_database()
    assert invited.expires - timezone.now() > timedelta(days=6, hours=23)
    assert audit_lines(ada.tenant) == [("invitation.sent", ada.pk)]


def test_a_person_registers_verifies_and_signs_in(client, ada, invited):
    path = link()
    answer = client.get(path)
    page = client.get(answer["Location"])
    done = client.post(answer["Location"], ANSWERS | {"account": "Contoso", "email": "x@y.example"})
    person = User.objects.get(email=NEW)

    assert answer["Location"] == "/invite/"
    assert page.context["form"].initial["account"] == "Northwind"
    assert b"Let&#x27;s get started" in page.content or b"Let's get started" in page.content
    assert b"Check your mail" in done.content
    assert (person.tenant, person.role, person.full_name) == (ada.tenant, "developer", "Nia Berg")
    assert (person.standing, person.invited_by, person.occupation) == (Standing.PENDING, ada, "developer")

    refused = client.post("/signin/", {"account": "northwind", "email": NEW, "password": PASSWORD})
    assert b"Verify your address first" in refused.content
    assert client.get("/account/").status_code == 302

    clean = client.get(link_in(mails_to(NEW, "verify")[-1]))["Location"]
    assert clean == "/verify/"
    assert b"This is my address" in client.get(clean).content
    assert b"Your address is verified" in client.post(clean).content
    entered = client.post("/signin/", {"account": "northwind", "email": NEW, "password": PASSWORD})
    assert entered["Location"] == "/"
    assert [action for action, _ in audit_lines(ada.tenant)] == [
        "invitation.sent",
        "invitation.accepted",
        "user.verified",
        "user.signed_in",
    ]


def test_only_the_right_password_tells_that_the_address_is_not_verified(client, ada, invited):
    invitations.accept(digest=invited.digest, **{k: v for k, v in ANSWERS.items() if k != "again"})
    wrong = client.post("/signin/", {"account": "northwind", "email": NEW, "password": "no"})

    assert b"That did not match" in wrong.content
    assert len(mails_to(NEW, "verify")) == 1


def test_a_link_survives_scanners_and_stays_out_of_the_session_table(client, ada, invited):
    for _ in range(5):
        assert Client().get(link()).status_code == 302
        assert Client().head(link()).status_code == 302
    client.get(link())

    assert invitations.status_of(invited.digest)[0] == "live"
    assert link().split("/")[2] not in dump_database()
    assert client.post("/invite/", ANSWERS).status_code == 200
    assert User.objects.filter(email=NEW).count() == 1


def opened(path):
    answer = Client().get(path, follow=True)
    return answer.status_code, answer.content.decode()


def test_each_dead_link_says_which_and_what_to_do(ada, invited):
    first = link()
    newer = invitations.resend(invitation=invited, by=ada)
    second = link()
    with time_machine.travel(timezone.now() + timedelta(days=7, seconds=1)):
        expired = opened(second)
    used_by = {k: v for k, v in ANSWERS.items() if k != "again"}
    invitations.accept(digest=newer.digest, **used_by)
    other = invitations.invite(tenant=ada.tenant, email="x@northwind.example", role="viewer", by=ada)
    deleted_link = link_in(mails_to("x@northwind.example")[-1])
    invitations.delete(invitation=other, by=ada)

    for (status, text), code, words in (
        (opened(first), 410, "A newer invitation was sent"),
        (expired, 410, "This invitation has expired"),
        (opened(second), 410, "This invitation was used"),
        (opened(deleted_link), 410, "This invitation was withdrawn"),
        (opened(second[:-5] + "/"), 404, "This invitation link is not complete"),
        (opened("/invite/" + "x" * 43 + "/"), 404, "This invitation link is not complete"),
        (opened("/invite/"), 404, "This invitation link is not complete"),
    ):
        assert (status, words in text) == (code, True)
    assert [*Invitation.objects.values_list("email", flat=True)] == ["", "", ""]


def test_a_link_lives_seven_days_to_the_second(ada, invited):
    answers = {k: v for k, v in ANSWERS.items() if k != "again"}
    with time_machine.travel(invited.expires + timedelta(seconds=1), tick=False), pytest.raises(LinkSpent):
        invitations.accept(digest=invited.digest, **answers)
    with time_machine.travel(invited.expires - timedelta(seconds=1), tick=False):
        assert invitations.accept(digest=invited.digest, **answers).email == NEW


def test_guessing_links_is_slowed_down(client, ada, invited):
    statuses = [client.get(f"/invite/{number:043}/").status_code for number in range(22)]

    assert statuses == [404] * 20 + [429] * 2
    assert BrowserSession.objects.count() == 0
    assert Client(REMOTE_ADDR="192.0.2.9").get(link()).status_code == 302


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"password": "short", "again": "short"}, "password"),
        ({"again": "something else entirely"}, "again"),
        ({"password": "a" * 1025, "again": "a" * 1025}, "password"),
        ({"first_name": ""}, "first_name"),
        ({"first_name": "See https://evil.example"}, "first_name"),
        ({"last_name": "Be\u202erg"}, "last_name"),
        ({"occupation": "wizard"}, "occupation"),
    ],
)
def test_a_wrong_answer_keeps_the_link_usable(client, ada, invited, wrong, field):
    client.get(link())
    answer = client.post("/invite/", ANSWERS | wrong)

    assert list(answer.context["form"].errors) == [field]
    assert User.objects.filter(email=NEW).count() == 0
    assert client.post("/invite/", ANSWERS).status_code == 200
    assert User.objects.filter(email=NEW).count() == 1


def test_a_hundred_at_once_make_one_account(threads, ada):
    invitation = invitations.invite(tenant=ada.tenant, email=NEW, role="viewer", by=ada)
    answers = {k: v for k, v in ANSWERS.items() if k != "again"}
    results = []
    for _ in range(4):
        accept = lambda: invitations.accept(digest=invitation.digest, **answers)  # noqa: E731
        results += threads([accept] * 25)

    assert [type(result) for result in results if not isinstance(result, LinkSpent)] == [User]
    assert User.objects.filter(email=NEW).count() == 1


# ---------------------------------------------------------------- who may be invited


@pytest.mark.parametrize(
    ("email", "reason"),
    [
        ("nonsense", "This is not an e-mail address."),
        ("a@b.example\r\nBcc: all@b.example", "This is not an e-mail address."),
        ("ADA@northwind.example", "Has access already."),
        (NEW, "Is invited already. Send the invitation again from the list."),
    ],
)
def test_an_address_that_cannot_be_invited_is_told_why(ada, invited, email, reason):
    with pytest.raises(InviteRefused) as refused:
        invitations.invite(tenant=ada.tenant, email=email, role="viewer", by=ada)

    assert str(refused.value) == reason
    assert Invitation.objects.count() == 1


def test_a_person_of_another_account_can_be_invited(ada, mallory):
    invitations.invite(tenant=ada.tenant, email=mallory.email, role="viewer", by=ada)

    assert len(mails_to(mallory.email)) == 1


def test_two_admins_inviting_one_address_make_one_invitation(threads, ada):
    ask = lambda: invitations.invite(tenant=ada.tenant, email=NEW, role="viewer", by=ada)  # noqa: E731
    results = threads([ask] * 8)

    assert sorted(type(result).__name__ for result in results) == ["Invitation"] + ["InviteRefused"] * 7
    assert len(mails_to(NEW)) == 1


def test_people_of_a_federated_account_are_available_at_once(ada):
    from portal.tenancy.federation.models import IdentityProvider

    IdentityProvider.objects.create(
        tenant=ada.tenant, kind="oidc", issuer="https://idp.example", settings={}, is_enabled=True
    )
    person = invitations.invite(tenant=ada.tenant, email=NEW, role="viewer", by=ada)
    (mail,) = mails_to(NEW)

    assert (person.standing, person.has_usable_password(), person.role) == ("available", False, "viewer")
    assert link_in(mail) == "/signin/"
    assert Invitation.objects.count() == 0


# ---------------------------------------------------------------- the page


def outcomes(answer):
    return [(one.line.email, one.is_done, one.words) for one in answer.context["outcomes"]]


def test_many_are_invited_by_pasting_and_bad_lines_stop_nothing(client, ada, invited):
    client.force_login(ada)
    pasted = f"one@x.example, Two Person <two@x.example>;\n\nnonsense\n{NEW}\none@x.example\n {ada.email}"
    answer = client.post(reverse("tenancy:invite"), {"addresses": pasted, "role": "viewer"})

    assert outcomes(answer) == [
        ("one@x.example", True, "Invited as viewer."),
        ("two@x.example", True, "Invited as viewer."),
        ("nonsense", False, "This is not an e-mail address."),
        (NEW, False, "Is invited already. Send the invitation again from the list."),
        ("one@x.example", False, "Is in this list twice."),
        ("ada@northwind.example", False, "Has access already."),
    ]
    assert Invitation.objects.filter(state="pending").count() == 3


def test_a_csv_file_may_name_roles(client, ada):
    client.force_login(ada)
    rows = [
        "Name;E-mail;Role",
        "Zoë;zoe@x.example;viewer",
        "",
        "Bo;bo@x.example;",
        "Cy;cy@x.example;king",
        "Di;;",
    ]
    text = "\ufeff" + "\n".join(rows)
    file = SimpleUploadedFile("people.csv", text.encode())
    answer = client.post(reverse("tenancy:invite"), {"file": file, "role": "developer"})

    assert outcomes(answer) == [
        ("zoe@x.example", True, "Invited as viewer."),
        ("bo@x.example", True, "Invited as developer."),
        ("cy@x.example", False, "“king” is not a role."),
        ("", False, "This is not an e-mail address."),
    ]
    assert [one.line.number for one in answer.context["outcomes"]] == [2, 4, 5, 6]


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"addresses": ""}, b"Type at least one address"),
        ({"addresses": "\n".join(f"p{number}@x.example" for number in range(501))}, b"At most 500 addresses"),
        ({"file": SimpleUploadedFile("a.csv", b"\xff\xfe\x00")}, b"not UTF-8"),
        ({"file": SimpleUploadedFile("a.csv", b"a@b.example\n" * 30_000)}, b"larger than 256 kB"),
    ],
)
def test_a_list_that_cannot_be_read_invites_nobody(client, ada, data, words):
    client.force_login(ada)
    answer = client.post(reverse("tenancy:invite"), {"role": "viewer"} | data)

    assert words in answer.content
    assert Invitation.objects.count() == 0


def test_one_good_address_leads_back_to_the_list(client, ada):
    client.force_login(ada)
    answer = client.post(reverse("tenancy:invite"), {"addresses": NEW, "role": "admin"}, follow=True)

    assert answer.redirect_chain == [("/admin/users/", 302)]
    assert b"new@northwind.example: Invited as admin." in answer.content


def test_resend_and_delete_belong_to_this_account_alone(client, ada, mallory, invited):
    client.force_login(mallory)
    for name in ("invitation-resend", "invitation-delete"):
        assert client.post(reverse(f"tenancy:{name}", args=[invited.pk])).status_code == 404
    client.force_login(ada)
    assert client.get(reverse("tenancy:invitation-resend", args=[invited.pk])).status_code == 302
    assert len(mails_to(NEW)) == 1  # only a form acts
    client.post(reverse("tenancy:invitation-resend", args=[invited.pk]))
    (live,) = Invitation.objects.filter(state="pending")

    assert len(mails_to(NEW)) == 2
    assert client.post(reverse("tenancy:invitation-resend", args=[invited.pk])).status_code == 404
    client.post(reverse("tenancy:invitation-delete", args=[live.pk]))
    assert Invitation.objects.filter(state="pending").count() == 0
    assert [action for action, _ in audit_lines(ada.tenant)] == [
        "invitation.sent",
        "invitation.resent",
        "invitation.deleted",
    ]


def test_the_operator_invites_by_command(northwind, capsys):
    call_command("invite", "Northwind", NEW, "--role", "viewer")

    assert capsys.readouterr().out == "Invited new@northwind.example to Northwind as viewer.\n"
    assert "Workforce Developer Portal invited you" in mails_to(NEW)[0]["text"]
    with pytest.raises(CommandError, match="Is invited already"):
        call_command("invite", "Northwind", NEW)
    with pytest.raises(CommandError, match="no active account"):
        call_command("invite", "Nobody", NEW)


@pytest.fixture
def operator(client, db):
    root = User.objects.create_superuser(email="root@portal.example", password="x")
    client.force_login(root)
    return root


def test_the_operator_invites_resends_and_deletes_in_the_admin(client, operator, northwind):
    add = reverse("admin:tenancy_invitation_add")
    listed = reverse("admin:tenancy_invitation_changelist")
    data = {"tenant": northwind.pk, "email": NEW, "role": "admin"}
    assert client.get(add).status_code == 200
    assert client.post(add, data)["Location"] == listed
    assert b"Is invited already" in client.post(add, data).content
    act = lambda action: client.post(  # noqa: E731
        listed, {"action": action, "_selected_action": [Invitation.objects.get(state="pending").pk]}
    )
    act("resend")
    act("withdraw")

    assert len(mails_to(NEW)) == 2
    assert sorted(Invitation.objects.values_list("state", flat=True)) == ["deleted", "replaced"]
    assert audit_lines(northwind) == [
        ("invitation.sent", operator.pk),
        ("invitation.resent", operator.pk),
        ("invitation.deleted", operator.pk),
    ]


def test_the_operator_makes_an_account_in_the_admin_and_is_led_to_its_first_invitation(client, operator, db):
    add = reverse("admin:tenancy_tenant_add")
    data = {"name": "Fabrikam", "region": "eu", "time_zone": "Europe/Berlin"}
    assert client.post(add, data).status_code == 302
    assert b"is reserved" in client.post(add, data | {"name": "admin"}).content
    listed = reverse("admin:tenancy_tenant_changelist")
    from portal.tenancy.models import Tenant

    made = Tenant.objects.get(slug="fabrikam")
    answer = client.post(listed, {"action": "invite_a_person", "_selected_action": [made.pk]})
    assert answer["Location"] == reverse("admin:tenancy_invitation_add") + f"?tenant={made.pk}"
    assert [*AuditLine.objects.of(made).values_list("action", flat=True)] == ["tenant.created"]
