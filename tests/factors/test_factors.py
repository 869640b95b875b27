"""An authenticator app and recovery codes: setting them up, signing in with them, and what is refused."""

from __future__ import annotations

import json
import time

import pytest
from django.db import connection
from django.test import Client

from portal.tenancy.factors import totp
from portal.tenancy.factors.models import Authenticator, RecoveryCode
from portal.tenancy.models import AuditLine
from tests.factors.acts import SECURITY, code_now, codes_of, give_password, is_in, set_up_app


def test_rfc_6238_test_values():
    secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"

    assert [totp.code_at(secret, at // 30) for at in (59, 1111111109, 1234567890, 20000000000)] == [
        "287082",
        "081804",
        "005924",
        "353130",
    ]


def test_an_app_is_set_up_and_asked_for(client, ada, with_app):
    secret, codes = with_app
    before = give_password(client, ada, "?next=/apps/")
    assert before["Location"] == "/signin/factor/"
    assert not is_in(client)
    assert client.get("/account/").status_code == 302
    pending = client.cookies["sid"].value
    answer = client.post("/signin/factor/", {"code": code_now(secret)})

    assert answer["Location"] == "/apps/"
    assert is_in(client)
    assert client.cookies["sid"].value != pending
    assert len(codes) == 10
    assert client.session["second_factor"] == "totp"


def test_the_secret_is_shown_once_and_encrypted(ada, client, with_app):
    secret, codes = with_app
    with connection.cursor() as cursor:
        cursor.execute("SELECT secret FROM tenancy_authenticator")
        (stored,) = cursor.fetchone()
    everything = json.dumps(list(RecoveryCode.objects.values("salt", "digest")), default=str)

    assert secret not in stored
    assert Authenticator.objects.get().secret == secret
    assert not [code for code in codes if code in everything or code.replace("-", "") in everything]
    assert "otpauth" not in client.get(SECURITY, follow=True).content.decode()


def test_a_code_works_once(ada, with_app):
    secret, _ = with_app
    statuses = []
    for _ in range(2):
        browser = Client()
        give_password(browser, ada)
        statuses.append(browser.post("/signin/factor/", {"code": code_now(secret)}).status_code)

    assert statuses == [302, 200]


def test_a_code_of_the_step_before_the_last_used_one_is_refused(ada, with_app, clock):
    secret, _ = with_app
    earlier = totp.code_at(secret, int(time.time()) // 30 - 1)
    first, second = Client(), Client()
    give_password(first, ada)
    give_password(second, ada)
    first.post("/signin/factor/", {"code": code_now(secret)})

    assert is_in(first)
    assert second.post("/signin/factor/", {"code": earlier}).status_code == 200


@pytest.mark.parametrize(
    "code", ["", "000000", "12345", "1234567", "abcdef", "１２３４５６", "aaaaa-aaaaa", "0" * 21]
)
def test_a_wrong_code_opens_nothing(client, ada, with_app, code):
    give_password(client, ada)

    assert client.post("/signin/factor/", {"code": code}).status_code == 200
    assert not is_in(client)


def test_guessing_codes_is_slowed_down_across_browsers(ada, with_app, clock):
    secret, _ = with_app
    statuses = []
    for _ in range(7):
        browser = Client()
        give_password(browser, ada)
        statuses.append(browser.post("/signin/factor/", {"code": "000000"}).status_code)
    assert statuses == [200] * 5 + [429] * 2
    browser = Client()
    give_password(browser, ada)
    assert browser.post("/signin/factor/", {"code": code_now(secret)}).status_code == 429
    clock.shift(300)
    give_password(browser, ada)
    assert browser.post("/signin/factor/", {"code": code_now(secret)}).status_code == 302


def test_a_recovery_code_works_once_whatever_its_spelling(ada, with_app):
    _, codes = with_app
    statuses = []
    for spelling in (codes[0], codes[0].upper().replace("-", " "), codes[1].replace("-", "")):
        browser = Client()
        give_password(browser, ada)
        statuses.append(browser.post("/signin/factor/", {"code": spelling}).status_code)

    assert statuses == [302, 200, 302]
    assert AuditLine.objects.filter(action="recovery_code.used").count() == 2


def test_another_persons_recovery_code_is_refused(client, ada, dev, with_app):
    _, codes = with_app
    browser = Client()
    browser.force_login(dev)
    set_up_app(browser)
    give_password(client, dev)

    assert client.post("/signin/factor/", {"code": codes[0]}).status_code == 200
    assert not is_in(client)


def test_new_codes_end_the_old_ones(client, ada, with_app):
    secret, old = with_app
    give_password(client, ada)
    client.post("/signin/factor/", {"code": code_now(secret)})
    fresh = codes_of(client.post(SECURITY + "codes/"))
    browser = Client()
    give_password(browser, ada)

    assert len(set(fresh) | set(old)) == 20
    assert browser.post("/signin/factor/", {"code": old[0]}).status_code == 200
    assert browser.post("/signin/factor/", {"code": fresh[0]}).status_code == 302


def test_the_step_between_ends_after_ten_minutes_or_with_the_password(client, ada, with_app, clock):
    give_password(client, ada)
    clock.shift(601)
    assert client.get("/signin/factor/")["Location"] == "/signin/"
    give_password(client, ada)
    assert client.get("/signin/factor/").status_code == 200
    ada.set_password("another long enough password")
    ada.save()
    assert client.get("/signin/factor/")["Location"] == "/signin/"


def test_a_session_without_the_factor_cannot_change_factors(ada, with_app):
    thief = Client()
    thief.force_login(ada)  # a session from before the app was set up
    for path in ("authenticator/remove/", "codes/"):
        thief.post(SECURITY + path)
    thief.post(SECURITY + "authenticator/", {"sealed": "x", "code": "1"})
    thief.get(SECURITY + "passkeys/add/")

    assert Authenticator.objects.filter(user=ada).exists()
    assert RecoveryCode.objects.filter(user=ada).count() == 10
