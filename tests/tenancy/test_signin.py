"""Signing in: two steps, one sentence for everything wrong, and a limit on guessing."""

from __future__ import annotations

import pytest
import time_machine
from django.contrib.auth import authenticate
from django.test import Client
from django.urls import reverse

from portal.tenancy import throttle
from portal.tenancy.models import AuditLine, Standing, User
from portal.tenancy.throttle import Attempt
from tests.conftest import PASSWORD

SIGNIN = "/signin/"


@pytest.fixture(autouse=True)
def cheap_hash(settings):
    """The same code path at a thousandth of the cost."""
    hashers = ["MD5PasswordHasher", "PBKDF2PasswordHasher"]
    settings.PASSWORD_HASHERS = [f"django.contrib.auth.hashers.{name}" for name in hashers]


def sign_in(client, *, account="Northwind", email="ada@northwind.example", password=PASSWORD, query=""):
    data = {"account": account, "email": email, "password": password}
    return client.post(SIGNIN + query, data)


def is_signed_in(client):
    return client.get("/account/").status_code == 200


def actions(tenant):
    return list(AuditLine.objects.of(tenant).order_by("pk").values_list("action", "actor_id"))


def test_the_first_step_leads_to_the_second_for_any_account(client, ada):
    for account in ("Northwind", "No such account", "naïve Ünïcode"):
        answer = client.post(SIGNIN, {"account": account}, follow=True)

        assert answer.redirect_chain == [(SIGNIN, 302)]
        assert answer.context["form"].initial == {"account": account}
        assert b'name="password"' in answer.content


def test_a_browser_remembers_its_account_until_it_is_changed(client, ada):
    client.post(SIGNIN, {"account": "Northwind"})

    assert b'name="password"' in client.get(SIGNIN).content
    assert b'name="password"' not in client.get(SIGNIN + "?change=1").content


def test_the_account_step_keeps_the_page_asked_for(client, ada):
    answer = client.post(SIGNIN + "?next=/admin/audit/", {"account": "Northwind"})

    assert answer["Location"] == SIGNIN + "?next=%2Fadmin%2Faudit%2F"


@pytest.mark.parametrize("account", ["Northwind", "northwind", "  NORTHWIND "])
def test_the_account_name_is_found_in_any_case(client, ada, account):
    answer = sign_in(client, account=account)

    assert answer["Location"] == "/"
    assert is_signed_in(client)


def test_signing_in_and_out_is_audited_and_changes_the_session(client, ada):
    client.cookies["sid"] = "planted-by-somebody-else"
    sign_in(client)
    inside = client.cookies["sid"].value
    client.post(reverse("signout"))

    assert inside != "planted-by-somebody-else"
    assert not is_signed_in(client)
    assert actions(ada.tenant)[-2:] == [("user.signed_in", ada.pk), ("user.signed_out", ada.pk)]


def test_signing_out_needs_a_post(client, ada):
    client.force_login(ada)

    assert client.get(reverse("signout")).status_code == 405
    assert is_signed_in(client)


@pytest.mark.parametrize(
    "wrong",
    [
        {"password": "wrong"},
        {"email": "nobody@northwind.example"},
        {"account": "No such account"},
        {"account": "Contoso"},
        {"account": "admin"},
        {"password": "x" * 2000},
    ],
)
def test_everything_wrong_gets_the_same_sentence(client, ada, mallory, wrong):
    answer = sign_in(client, **wrong)

    assert answer.status_code == 200
    assert answer.context["form"].non_field_errors() == [
        "That did not match. Check the account name, the e-mail and the password."
    ]
    assert not is_signed_in(client)


def test_an_unknown_account_costs_the_queries_of_a_known_one(client, ada, django_assert_num_queries):
    for account in ("Northwind", "No such account"):
        with django_assert_num_queries(2):
            assert authenticate(None, account=account, username="nobody@x.example", password="p") is None


def test_an_operator_cannot_enter_through_an_account(client, ada):
    operator = User.objects.create_superuser(email="root@portal.example", password=PASSWORD)

    assert authenticate(None, username=operator.email, password=PASSWORD) == operator
    for account in ("", "Northwind", "No such account"):
        assert authenticate(None, account=account, username=operator.email, password=PASSWORD) is None


@pytest.mark.parametrize(
    ("wanted", "landed"),
    [
        ("/admin/audit/", "/admin/audit/"),
        ("https://evil.example/", "/"),
        ("//evil.example/", "/"),
        ("/\\evil.example/", "/"),
        ("javascript:alert(1)", "/"),
    ],
)
def test_the_way_back_stays_in_the_portal(client, ada, wanted, landed):
    assert sign_in(client, query=f"?next={wanted}")["Location"] == landed


def test_a_form_from_another_site_is_refused(ada):
    strict = Client(enforce_csrf_checks=True)
    answer = sign_in(strict)

    assert answer.status_code == 403
    assert b"This form is out of date" in answer.content


def test_a_disabled_person_is_out_at_the_next_request(client, ada):
    sign_in(client)
    User.objects.filter(pk=ada.pk).update(is_active=False)

    assert client.get("/apps/")["Location"] == SIGNIN + "?next=/apps/"
    assert sign_in(client).status_code == 200


def test_a_suspended_tenant_is_out_at_the_next_request(client, ada):
    sign_in(client)
    ada.tenant.is_active = False
    ada.tenant.save()

    assert client.get("/apps/")["Location"] == SIGNIN + "?next=/apps/"
    assert sign_in(client).status_code == 200


@pytest.fixture
def one_window():
    with time_machine.travel("2026-03-02T10:01:00Z", tick=False) as clock:
        yield clock


def test_the_eleventh_guess_must_wait(client, ada, one_window):
    statuses = [sign_in(client, password="wrong").status_code for _ in range(10)]
    refused = sign_in(client)

    assert statuses == [200] * 10
    assert refused.status_code == 429
    assert refused["Retry-After"] == "241"
    assert b"Wait 5 minutes" in refused.content
    one_window.shift(300)
    assert sign_in(client).status_code == 302


def test_spelling_does_not_start_a_new_count(client, ada, one_window):
    for number in range(10):
        sign_in(client, account="NORTHWIND " if number % 2 else "northwind", password="wrong")

    assert sign_in(client, email="ADA@northwind.example").status_code == 429


def test_one_address_has_thirty_tries_over_all_people(client, ada, one_window):
    for number in range(30):
        assert sign_in(client, email=f"p{number}@northwind.example").status_code == 200

    assert sign_in(client).status_code == 429
    assert (
        client.post(
            SIGNIN,
            {"account": "Northwind", "email": ada.email, "password": PASSWORD},
            REMOTE_ADDR="192.0.2.7",
        ).status_code
        == 302
    )


def test_guesses_from_elsewhere_do_not_lock_the_owner_out(client, ada, one_window):
    sign_in(client)
    client.post(reverse("signout"))
    stranger = Client(REMOTE_ADDR="192.0.2.7")
    for _ in range(11):
        refused = sign_in(stranger, password="wrong")

    assert refused.status_code == 429
    assert sign_in(client).status_code == 302


def test_a_device_known_for_one_person_counts_as_strange_for_another(client, ada, dev, one_window):
    sign_in(client)
    client.post(reverse("signout"))
    for _ in range(11):
        refused = sign_in(client, email=dev.email, password="wrong")

    assert refused.status_code == 429


def test_right_passwords_are_not_held_against_anybody(client, ada, one_window):
    for _ in range(35):
        client.cookies.clear()
        assert sign_in(client).status_code == 302


@pytest.mark.parametrize("guesses", [1000, pytest.param(10_000, marks=pytest.mark.load)])
def test_of_many_guesses_a_hundred_are_checked_and_the_owner_gets_in(client, ada, guesses):
    with time_machine.travel("2026-03-02T10:30:00Z", tick=False) as clock:
        sign_in(client)
        client.post(reverse("signout"))
        checked = 0
        for number in range(guesses):
            clock.shift(3600 / guesses)  # an hour in all, over the turn of one
            name = ("Northwind", "northwind", " NORTHWIND")[number % 3]
            guess = Attempt(name, "Ada@northwind.example", f"192.0.2.{number % 50}")
            try:
                throttle.count(guess)
            except throttle.TooMany:
                continue
            checked += 1

        assert 50 <= checked <= 100
        assert sign_in(client).status_code == 302


def test_the_short_name_shares_the_count_of_the_name():
    names = ("Acme Corp", "acme-corp", "ACME  corp")
    persons = {Attempt(name, "a@b.example", None).person() for name in names}

    assert len(persons) == 1
    assert Attempt("", "a@b.example", None).person() != Attempt("???", "a@b.example", None).person()


def test_operators_are_guarded_from_guessing_too(client, db, one_window):
    operator = User.objects.create_superuser(email="root@portal.example", password=PASSWORD)
    fields = {"username": operator.email, "password": PASSWORD, "next": "/operator/"}
    assert client.post("/operator/login/", fields)["Location"] == "/operator/"
    client.post("/signout/")
    stranger = Client(REMOTE_ADDR="192.0.2.7")
    statuses = [stranger.post("/operator/login/", fields | {"password": "x"}).status_code for _ in range(11)]

    assert statuses == [200] * 10 + [429]
    assert stranger.post("/operator/login/", fields).status_code == 429
    assert client.post("/operator/login/", fields).status_code == 302  # the owner's own browser


@pytest.mark.parametrize("standing", [Standing.PENDING, Standing.AVAILABLE])
def test_only_active_people_sign_in(client, ada, standing):
    client.force_login(ada)
    User.objects.filter(pk=ada.pk).update(standing=standing)

    assert client.get("/account/").status_code == 302
    assert sign_in(client).status_code == 200


def test_a_password_is_the_same_in_any_unicode_form(client, ada):
    ada.set_password("caf\u00e9 ﬁrst kilometre")
    ada.save()

    assert sign_in(client, password="cafe\u0301 first kilometre").status_code == 302


def test_sign_in_works_without_the_cache(client, ada, settings):
    settings.CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": "unix:///nowhere/valkey.sock",
        }
    }

    assert sign_in(client, password="wrong").status_code == 200
    assert sign_in(client).status_code == 302
