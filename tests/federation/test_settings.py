"""The admin's page: set up, test, switch on, switch off; and the operator's way out."""

from __future__ import annotations

import json

import pytest
from django.core.management import call_command
from django.test import Client

from portal.tenancy.federation.models import FederatedIdentity, IdentityProvider
from portal.tenancy.models import AuditLine, Standing, User
from tests.conftest import PASSWORD
from tests.federation.assertions import CERTIFICATE, ENTITY, SSO
from tests.federation.conftest import CLIENT, SECRET, come_back, go, set_up_oidc

PAGE = "/admin/settings/sign-in/"


def save_oidc(client, provider, **changes):
    fields = {"discovery": provider.url + "/", "client_id": CLIENT, "client_secret": SECRET} | changes
    return client.post(PAGE + "?kind=oidc", fields)


def run_test(client, provider, **claims):
    out = go(client, path=PAGE + "test/").query
    token = provider.sign(provider.claims(out["nonce"], **claims))
    provider.token = lambda: {"id_token": token}
    return come_back(client, code="c", state=out["state"])


def test_set_up_test_and_switch_on(client, ada, dev, provider):
    client.force_login(ada)
    other = Client()
    other.force_login(dev)
    assert save_oidc(client, provider)["Location"] == PAGE
    assert client.post(PAGE + "on/").status_code == 302  # not tested: stays off
    assert not IdentityProvider.objects.get().is_enabled

    assert run_test(client, provider)["Location"] == PAGE
    page = client.get(PAGE)
    assert b"ada-at-idp" in page.content
    assert not FederatedIdentity.objects.exists()
    client.post(PAGE + "on/")

    assert IdentityProvider.objects.get().is_enabled
    assert client.get(PAGE).status_code == 200  # the admin stays in
    assert other.get("/account/").status_code == 302  # all others are out
    assert FederatedIdentity.objects.get().user == ada
    dev.refresh_from_db()
    assert (dev.standing, dev.has_usable_password()) == (Standing.AVAILABLE, False)
    done = [line.action for line in AuditLine.objects.of(ada.tenant).order_by("pk")]
    assert done[-4:] == ["provider.updated", "provider.tested", "identity.linked", "provider.switched_on"]


def test_the_test_signs_nobody_in(ada, mallory, provider):
    admin, stranger = Client(), Client()
    admin.force_login(ada)
    save_oidc(admin, provider)
    out = go(admin, path=PAGE + "test/").query
    provider.token = lambda: {"id_token": provider.sign(provider.claims(out["nonce"]))}
    admin.cookies.pop("sid")
    assert come_back(admin, code="c", state=out["state"]).status_code == 403
    stranger.force_login(mallory)
    assert stranger.get(PAGE + "test/").status_code == 404


def test_a_change_needs_a_new_test(client, ada, provider, other_provider):
    client.force_login(ada)
    save_oidc(client, provider)
    run_test(client, provider)
    save_oidc(client, provider, client_id="another")
    client.post(PAGE + "on/")

    assert not IdentityProvider.objects.get().is_enabled
    set_up_oidc(ada, provider.url)
    client.force_login(User.objects.get(pk=ada.pk))
    assert b"Switch sign-in back to passwords first" in save_oidc(client, other_provider).content
    assert IdentityProvider.objects.get().issuer == provider.url


def test_a_kept_secret_stays_with_its_provider(client, ada, provider, other_provider):
    client.force_login(ada)
    save_oidc(client, provider)

    assert save_oidc(client, provider, client_secret="").status_code == 302
    assert IdentityProvider.objects.get().settings["client_secret"] == SECRET
    assert b"Paste it here" in save_oidc(client, other_provider, client_secret="").content
    assert SECRET.encode() not in client.get(PAGE).content


@pytest.mark.parametrize(
    "address", ["http://127.0.0.1:9/", "https://user@example.com/", "ftp://x.example/", "nonsense"]
)
def test_an_address_that_does_not_answer_is_told(client, ada, address):
    client.force_login(ada)
    answer = client.post(PAGE, {"discovery": address, "client_id": "c", "client_secret": "s"})

    assert answer.status_code == 200
    assert b"could not be read" in answer.content


def test_saml_by_fields(client, ada):
    client.force_login(ada)
    fields = {"metadata": "", "entity_id": ENTITY, "sso_url": SSO, "certificate": CERTIFICATE * 2}

    assert client.post(PAGE + "?kind=saml", fields).status_code == 302
    kept = IdentityProvider.objects.get()
    assert (kept.kind, kept.issuer, len(kept.settings["certificates"])) == ("saml", ENTITY, 2)
    assert b"BEGIN CERTIFICATE" in client.get(PAGE).content


def test_only_admins_of_the_account_see_it(client, ada, dev, mallory, provider):
    set_up_oidc(ada, provider.url, on=False)
    client.force_login(dev)
    for path in ("", "test/", "on/", "off/", "second-factor/"):
        method = client.get if path in ("", "test/") else client.post
        assert method(PAGE + path).status_code == 403
    client.force_login(mallory)
    assert provider.url.encode() not in client.get(PAGE).content
    assert client.post(PAGE + "on/").status_code == 404
    assert client.post(PAGE + "off/").status_code == 404


def test_switching_off_lets_people_choose_passwords_again(client, ada, dev, provider):
    set_up_oidc(ada, provider.url)
    ada.refresh_from_db()
    client.force_login(ada)
    client.post(PAGE + "off/")

    dev.refresh_from_db()
    assert dev.standing == Standing.ACTIVE
    assert not IdentityProvider.objects.get().is_enabled


def test_after_signing_out_the_provider_does_not_sign_in_again(client, ada, provider):
    set_up_oidc(ada, provider.url)
    ada.refresh_from_db()
    client.force_login(ada)
    client.cookies["account"] = "Northwind"
    page = client.post("/signout/", follow=True)

    assert b"You are signed out here" in page.content
    assert b'http-equiv="refresh"' not in page.content


def test_break_glass(client, ada, dev, provider, capsys):
    set_up_oidc(ada, provider.url)
    call_command("break_glass", "northwind", "Ada@northwind.example")
    password = capsys.readouterr().out.strip().rsplit(" ", 1)[1]
    client.post("/signin/", {"account": "Northwind", "email": ada.email, "password": password})

    assert client.get("/").status_code == 200
    assert password != PASSWORD
    assert password not in json.dumps([line.changes for line in AuditLine.objects.all()])
