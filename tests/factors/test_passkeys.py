"""Passkeys: registering, signing in, and what is refused."""

from __future__ import annotations

import pytest
from django.test import Client

from portal.tenancy.factors.models import Passkey
from portal.tenancy.models import User
from tests.factors.acts import SECURITY, give_password, is_in, options_of, register, show_passkey
from tests.factors.device import Device


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
