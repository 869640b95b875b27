"""New password, new address, and the sessions that end with them."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.db.models import TextField
from django.db.models.functions import Cast
from django.test import Client
from django.utils import timezone

from portal.mail.models import Outbox
from portal.tenancy import proofs
from portal.tenancy.errors import LinkSpent, TenancyError
from portal.tenancy.models import BrowserSession, Proof, ResetRequest, User
from portal.tenancy.session_store import browser_name
from tests.conftest import PASSWORD
from tests.tenancy.conftest import dump_database, link_in, mails_to

pytestmark = pytest.mark.usefixtures("cheap_hash")
FRESH = "nine purple kettles sing"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0"


def signed_in(person, agent=FIREFOX):
    browser = Client(HTTP_USER_AGENT=agent)
    data = {"account": "Northwind", "email": person.email, "password": PASSWORD}
    assert browser.post("/signin/", data).status_code == 302
    return browser


def is_in(browser):
    return browser.get("/account/").status_code == 200


def ask(client, email="ada@northwind.example", account="Northwind"):
    answer = client.post("/reset/", {"account": account, "email": email})
    proofs.answer_resets()
    return answer


def ask_reset(email):
    proofs.ask_reset(account="northwind", email=email)
    proofs.answer_resets()


def digest_in(mail):
    from portal.tenancy.links import digest_of

    return digest_of(link_in(mail).rstrip("/").split("/")[-1])


# ---------------------------------------------------------------- reset


def test_a_new_password_is_chosen_by_mail_and_ends_every_session(client, ada):
    inside = signed_in(ada)
    ask(client)
    path = link_in(mails_to(ada.email, "reset")[-1])
    clean = client.get(path)["Location"]
    assert clean == "/reset/new/"
    assert path.split("/")[2] not in dump_database()
    client.get(clean)
    done = client.post(clean, {"password": FRESH, "again": FRESH})
    ada.refresh_from_db()

    assert b"Your password is saved" in done.content
    assert (ada.check_password(FRESH), is_in(inside)) == (True, False)
    assert len(mails_to(ada.email, "password_changed")) == 1
    assert Client().get(path).status_code == 410
    assert client.post(clean, {"password": PASSWORD, "again": PASSWORD}).status_code == 410


def test_the_reset_page_says_the_same_to_everybody(client, ada, dev):
    User.objects.filter(pk=dev.pk).update(is_active=False)
    cases = [("Northwind", ada.email), ("Northwind", "nobody@x.example"), ("Nobody", ada.email)]
    cases += [("Contoso", ada.email), ("Northwind", dev.email)]
    pages = {ask(client, email, account).content.decode().replace(email, "…") for account, email in cases}

    assert len(pages) == 1
    assert [*Outbox.objects.values_list("to", "state")] == [(ada.email, "queued")]
    assert ResetRequest.objects.count() == 0


def test_a_wish_is_sealed_and_answered_once(threads, ada):
    for _ in range(5):
        proofs.ask_reset(account="northwind", email=ada.email)
    assert "northwind" not in str(
        [*ResetRequest.objects.annotate(raw=Cast("asked", TextField())).values("raw")]
    )
    results = threads([proofs.answer_resets] * 4)

    assert (sum(results), ResetRequest.objects.count(), len(mails_to(ada.email, "reset"))) == (5, 0, 5)


def test_mails_for_one_person_and_from_one_address_are_limited(client, ada):
    with time_machine.travel("2026-03-02T10:01:00Z", tick=False):
        statuses = [ask(client).status_code for _ in range(8)]
        statuses += [ask(client, f"p{number}@x.example").status_code for number in range(14)]

    assert statuses == [200] * 20 + [429] * 2
    assert len(mails_to(ada.email, "reset")) == 5


def test_a_newer_mail_kills_the_older_link(ada):
    for _ in range(2):
        ask_reset(ada.email)
    first, second = mails_to(ada.email, "reset")

    assert proofs.find(digest_in(first), Proof.Purpose.RESET) is None
    assert proofs.find(digest_in(second), Proof.Purpose.RESET) is not None


def test_a_reset_link_lives_two_hours_and_dies_with_the_password_or_the_person(ada):
    ask_reset(ada.email)
    digest = digest_in(mails_to(ada.email, "reset")[-1])
    now = timezone.now()
    with time_machine.travel(now + timedelta(hours=2, seconds=1)):
        assert proofs.find(digest, Proof.Purpose.RESET) is None
    assert proofs.find(digest, Proof.Purpose.VERIFY) is None
    User.objects.filter(pk=ada.pk).update(is_active=False)
    assert proofs.find(digest, Proof.Purpose.RESET) is None
    User.objects.filter(pk=ada.pk).update(is_active=True, password="!")
    assert proofs.find(digest, Proof.Purpose.RESET) is None


@pytest.mark.parametrize("purpose", list(Proof.Purpose))
@pytest.mark.parametrize(
    "token", ["", "[]", "null", "None", "x" * 43, "../../", "%00", "\u202e", "a" * 5000, "0"]
)
def test_no_odd_token_is_accepted(client, ada, purpose, token):
    from portal.tenancy.links import digest_of

    ask_reset(ada.email)

    assert proofs.find(digest_of(token), purpose) is None
    assert proofs.find(token, purpose) is None


def test_a_federated_person_has_no_password_to_reset(client, ada):
    from portal.tenancy.federation.models import IdentityProvider

    ask(client)
    path = link_in(mails_to(ada.email, "reset")[-1])
    IdentityProvider.objects.create(
        tenant=ada.tenant, kind="oidc", issuer="https://idp.example", settings={}, is_enabled=True
    )
    client.get(path)

    assert b"Check your mail" in ask(client).content
    assert len(mails_to(ada.email, "reset_federated")) == 1
    assert client.post("/reset/new/", {"password": FRESH, "again": FRESH}).status_code == 410
    client.force_login(ada)
    assert client.get("/account/password/").status_code == 403
    assert client.get("/account/email/").status_code == 403


# ---------------------------------------------------------------- a new address


def ask_change(browser, email="ada.new@northwind.example", password=PASSWORD):
    return browser.post("/account/email/", {"email": email, "current": password})


def test_a_new_address_counts_once_it_is_proved(ada):
    here, elsewhere = signed_in(ada), signed_in(ada)
    ask_change(here)
    (mail,) = mails_to("ada.new@northwind.example")
    ada.refresh_from_db()
    assert ada.email == "ada@northwind.example"
    assert len(mails_to("ada@northwind.example", "email_asked")) == 1

    clean = here.get(link_in(mail))["Location"]
    assert b"Use this address" in here.get(clean).content
    done = here.post(clean)
    ada.refresh_from_db()
    assert ada.email == "ada.new@northwind.example"
    assert b"Your address is changed" in done.content
    assert (is_in(here), is_in(elsewhere)) == (True, False)
    assert len(mails_to("ada@northwind.example", "email_changed")) == 1
    assert here.post(clean).status_code == 410


@pytest.mark.parametrize(
    ("email", "password", "field"),
    [
        ("ada.new@northwind.example", "wrong", "current"),
        ("ADA@northwind.example", PASSWORD, "email"),
        ("nonsense", PASSWORD, "email"),
        ("a@b.example\nBcc: c@d.example", PASSWORD, "email"),
    ],
)
def test_a_change_of_address_needs_the_password_and_a_new_address(ada, email, password, field):
    answer = ask_change(signed_in(ada), email, password)

    assert list(answer.context["form"].errors) == [field]
    assert Outbox.objects.count() == 0


def test_an_address_of_somebody_else_is_not_told_and_never_taken(ada, dev):
    here = signed_in(ada)
    taken, free = ask_change(here, dev.email), ask_change(here, "free@northwind.example")

    assert (taken.status_code, taken["Location"]) == (free.status_code, free["Location"])
    assert mails_to(dev.email) == []
    User.objects.filter(pk=dev.pk).update(email="free@northwind.example")
    with pytest.raises(TenancyError, match="Somebody else"):
        proofs.change_email(digest=digest_in(mails_to("free@northwind.example")[-1]))
    ada.refresh_from_db()
    assert ada.email == "ada@northwind.example"


def test_of_twenty_proofs_at_once_one_counts(threads, ada):
    digests = []
    for number in range(20):
        proofs.ask_email(user=ada, address=f"a{number}@northwind.example")
        digests.append(digest_in(mails_to(f"a{number}@northwind.example")[-1]))
    results = threads([lambda digest=digest: proofs.change_email(digest=digest) for digest in digests])
    won = [result for result in results if isinstance(result, User)]
    ada.refresh_from_db()

    assert [type(result) for result in results if not isinstance(result, User)] == [LinkSpent] * 19
    assert [person.email for person in won] == [ada.email] == ["a19@northwind.example"]


# ---------------------------------------------------------------- password and sessions


def test_a_changed_password_keeps_this_browser_only(ada):
    here, elsewhere = signed_in(ada), signed_in(ada)
    answer = here.post("/account/password/", {"current": PASSWORD, "password": FRESH, "again": FRESH})
    ada.refresh_from_db()

    assert answer["Location"] == "/account/"
    assert (is_in(here), is_in(elsewhere), ada.check_password(FRESH)) == (True, False, True)
    assert len(mails_to(ada.email, "password_changed")) == 1


def test_the_current_password_is_asked_for(ada):
    answer = signed_in(ada).post("/account/password/", {"current": "no", "password": FRESH, "again": FRESH})

    assert list(answer.context["form"].errors) == ["current"]


def test_a_person_sees_and_ends_their_own_browsers(ada, dev):
    here, elsewhere, third, other = (signed_in(one) for one in (ada, ada, ada, dev))
    listed = here.get("/account/").context
    rows = [*listed["sessions"]]

    assert [(row.browser, row.address, row.user_id) for row in rows] == [
        ("Firefox on Linux", "127.0.0.1", ada.pk)
    ] * 3
    this = listed["this_session"]
    strange = BrowserSession.objects.get(user=dev).pk
    assert here.post(f"/account/sessions/{strange}/end/").status_code == 404
    assert is_in(other)
    ends = [row.pk for row in rows if row.pk != this]
    here.post(f"/account/sessions/{ends[0]}/end/")
    assert sorted([is_in(elsewhere), is_in(third)]) == [False, True]
    here.post("/account/sessions/end/")
    assert [is_in(one) for one in (here, elsewhere, third, other)] == [True, False, False, True]


def test_a_copy_of_the_session_table_opens_nothing(ada):
    browser = signed_in(ada)
    thief = Client()
    thief.cookies["sid"] = BrowserSession.objects.get(user=ada).pk

    assert browser.cookies["sid"].value not in dump_database()
    assert not is_in(thief)


def test_last_used_moves_every_five_minutes(ada, django_assert_num_queries):
    browser = signed_in(ada)
    begun = BrowserSession.objects.get(user=ada).seen
    with time_machine.travel(begun + timedelta(minutes=4)):
        is_in(browser)
    assert BrowserSession.objects.get(user=ada).seen == begun
    with time_machine.travel(begun + timedelta(minutes=6), tick=False):
        is_in(browser)
    assert BrowserSession.objects.get(user=ada).seen == begun + timedelta(minutes=6)


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        (FIREFOX, "Firefox on Linux"),
        (
            "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/130.0 Safari/537.36 Edg/130.0",
            "Edge on Windows",
        ),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604.1",
            "Safari on iPhone",
        ),
        ("", "A browser"),
        ("<script>alert(1)</script>", "A browser"),
    ],
)
def test_browsers_are_named_plainly(agent, name):
    assert browser_name(agent) == name
