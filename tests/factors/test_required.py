"""An account that asks everybody for a second factor, and the admin who helps those that lost theirs."""

from __future__ import annotations

from django.test import Client

from portal.tenancy.factors.models import Authenticator, RecoveryCode
from portal.tenancy.models import AuditLine
from tests.factors.acts import SECURITY, code_now, give_password, set_up_app


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
