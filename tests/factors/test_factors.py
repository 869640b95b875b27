"""Second factors: setting them up, signing in with them, and what is refused."""

from __future__ import annotations

import json
import re
import time

import pytest
import time_machine
from django.db import connection
from django.test import Client

from portal.tenancy.factors import recovery, totp
from portal.tenancy.factors.models import Authenticator, Passkey, RecoveryCode
from portal.tenancy.models import AuditLine, User
from tests.conftest import PASSWORD
from tests.factors.device import Device

SECURITY = "/account/security/"


@pytest.fixture(autouse=True)
def cheap_hash(settings, monkeypatch):
    monkeypatch.setattr(recovery, "COST", 2)
    settings.PASSWORD_HASHERS = [
        f"django.contrib.auth.hashers.{name}" for name in ("MD5PasswordHasher", "PBKDF2PasswordHasher")
    ]


@pytest.fixture
def clock():
    with time_machine.travel("2026-03-02T10:01:00Z", tick=False) as clock:
        yield clock


def give_password(client, person, query=""):
    fields = {"account": person.tenant.name, "email": person.email, "password": PASSWORD}
    return client.post("/signin/" + query, fields)


def is_in(client):
    return "_auth_user_id" in client.session


def code_now(secret):
    return totp.code_at(secret, int(time.time()) // 30)


def set_up_app(client):
    """The secret, and the page with the recovery codes."""
    page = client.get(SECURITY + "authenticator/")
    secret = re.search(r'data-copy="([A-Z2-7]{32})"', page.content.decode())[1]
    sealed = re.search(r'name="sealed" value="([^"]+)"', page.content.decode())[1]
    answer = client.post(SECURITY + "authenticator/", {"sealed": sealed, "code": code_now(secret)})
    return secret, answer


def codes_of(page):
    return re.findall(r"<li><code class=\"mono\">([a-z2-7]{5}-[a-z2-7]{5})</code>", page.content.decode())


@pytest.fixture
def with_app(ada, clock):
    """Ada's app and recovery codes; the clock stands one step later."""
    browser = Client()
    browser.force_login(ada)
    secret, page = set_up_app(browser)
    clock.shift(60)
    return secret, codes_of(page)


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


# ---------------------------------------------------------------- required by the account


def require(admin):
    admin.tenant.requires_second_factor = True
    admin.tenant.save()


def test_a_required_factor_comes_before_anything_else(client, ada, clock):
    require(ada)
    give_password(client, ada)
    for path in ("/", "/apps/", "/admin/users/", "/admin/settings/sign-in/"):
        assert client.get(path)["Location"] == SECURITY + "required/"
    assert client.get("/", follow=True).request["PATH_INFO"] == SECURITY
    before = client.cookies["sid"].value
    set_up_app(client)

    assert client.get("/").status_code == 200
    assert client.cookies["sid"].value != before


def test_a_session_from_before_the_rule_proves_the_factor(client, ada, with_app):
    secret, _ = with_app
    client.force_login(ada)
    require(ada)
    assert client.get("/", follow=True).request["PATH_INFO"] == "/signin/factor/"
    client.post("/signin/factor/", {"code": code_now(secret)})

    assert client.get("/").status_code == 200


def test_the_last_factor_stays_while_the_account_asks_for_one(client, ada, clock):
    require(ada)
    give_password(client, ada)
    set_up_app(client)
    client.post(SECURITY + "authenticator/remove/")
    assert Authenticator.objects.filter(user=ada).exists()
    ada.tenant.requires_second_factor = False
    ada.tenant.save()
    client.post(SECURITY + "authenticator/remove/")
    assert not Authenticator.objects.filter(user=ada).exists()
    assert not RecoveryCode.objects.filter(user=ada).exists()


def test_an_admin_asks_everybody(client, ada, dev):
    client.force_login(ada)
    client.post("/admin/settings/sign-in/second-factor/", {"required": "on"})
    other = Client()
    other.force_login(dev)

    assert other.get("/")["Location"] == SECURITY + "required/"
    assert AuditLine.objects.get(action="tenant.updated").changes == {"requires_second_factor": [False, True]}


def test_an_admin_resets_the_factors_of_somebody_who_lost_them(client, ada, dev, mallory, clock):
    browser = Client()
    browser.force_login(dev)
    set_up_app(browser)
    client.force_login(mallory)
    assert client.post(f"/admin/users/{dev.pk}/second-factors/").status_code == 404
    assert Authenticator.objects.filter(user=dev).exists()
    client.force_login(ada)
    client.post(f"/admin/users/{dev.pk}/second-factors/")

    assert not Authenticator.objects.exists()
    assert not RecoveryCode.objects.exists()
    assert AuditLine.objects.filter(action="factors.reset").count() == 1
    assert give_password(Client(), dev)["Location"] == "/"


# ---------------------------------------------------------------- passkeys


@pytest.fixture
def device():
    return Device(origin="http://testserver", host="testserver")


def options_of(page):
    found = re.search(r'id="passkey-options"[^>]*>(.*?)</script>', page.content.decode(), re.DOTALL)
    return json.loads(found[1])["publicKey"]


def register(client, device, name="Laptop", **spoil):
    options = options_of(client.get(SECURITY + "passkeys/add/"))
    return client.post(SECURITY + "passkeys/add/", {"name": name, "answer": device.create(options, **spoil)})


@pytest.fixture
def with_passkey(ada, device):
    browser = Client()
    browser.force_login(ada)
    register(browser, device)
    return device


def show_passkey(client, person, device, **spoil):
    give_password(client, person)
    options = options_of(client.get("/signin/factor/"))
    return client.post("/signin/factor/", {"answer": device.get(options, **spoil)})


def test_a_passkey_is_registered_and_signs_in(client, ada, with_passkey):
    assert Passkey.objects.get(user=ada).name == "Laptop"
    for _ in range(2):
        assert show_passkey(client, ada, with_passkey).status_code == 302
        assert is_in(client)
        client.post("/signout/")


SPOILED = {
    "another origin": {"origin": "https://evil.example"},
    "another port": {"origin": "http://testserver:8000"},
    "another party": {"host": "evil.example"},
    "another challenge": {"challenge": b"c" * 32},
    "wrong type": {"kind": "webauthn.create"},
    "nobody present": {"flags": 0},
    "spoiled signature": {"cut": True},
    "a strange key": {"strange": True},
    "an unknown credential": {"credential_id": b"x" * 16},
}


@pytest.mark.parametrize("name", SPOILED)
def test_a_spoiled_answer_opens_nothing(client, ada, with_passkey, name):
    assert show_passkey(client, ada, with_passkey, **SPOILED[name]).status_code == 200
    assert not is_in(client)


@pytest.mark.parametrize("answer", ["{}", "[]", "x", '{"id": 1}', "{" * 30_000])
def test_a_senseless_answer_opens_nothing(client, ada, with_passkey, answer):
    give_password(client, ada)
    client.get("/signin/factor/")

    assert client.post("/signin/factor/", {"answer": answer}).status_code == 200
    assert not is_in(client)


def test_an_answer_to_a_challenge_works_once(ada, with_passkey):
    browser = Client()
    give_password(browser, ada)
    answer = with_passkey.get(options_of(browser.get("/signin/factor/")))
    assert browser.post("/signin/factor/", {"answer": answer}).status_code == 302
    browser.post("/signout/")
    give_password(browser, ada)
    browser.get("/signin/factor/")
    assert browser.post("/signin/factor/", {"answer": answer}).status_code == 200


def test_a_copied_passkey_is_noticed_by_its_counter(client, ada, with_passkey):
    show_passkey(client, ada, with_passkey)
    client.post("/signout/")
    with_passkey.counter -= 1

    assert show_passkey(client, ada, with_passkey).status_code == 200
    assert not is_in(client)


def test_a_passkey_of_another_person_opens_nothing(client, ada, dev, with_passkey):
    browser, own = Client(), Device(origin="http://testserver", host="testserver")
    browser.force_login(dev)
    register(browser, own)

    assert show_passkey(client, dev, with_passkey).status_code == 200
    assert not is_in(client)


@pytest.mark.parametrize("spoil", ["another origin", "another challenge", "wrong type", "nobody present"])
def test_a_spoiled_registration_is_refused(client, ada, device, spoil):
    client.force_login(ada)
    changes = {"kind": "webauthn.get"} if spoil == "wrong type" else SPOILED[spoil]

    assert register(client, device, **changes).status_code == 200
    assert not Passkey.objects.exists()


def test_one_device_cannot_be_registered_twice_and_can_be_removed(client, ada, mallory, device):
    client.force_login(ada)
    register(client, device)
    assert b"registered already" in register(client, device).content
    passkey = Passkey.objects.get()
    stranger = Client()
    stranger.force_login(mallory)
    assert stranger.post(f"{SECURITY}passkeys/{passkey.pk}/remove/").status_code == 404
    client.post(f"{SECURITY}passkeys/{passkey.pk}/remove/")
    assert not Passkey.objects.exists()
    assert User.objects.filter(pk=ada.pk).exists()
