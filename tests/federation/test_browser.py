"""A federated sign-in in a real browser, and every page of this room checked by axe in both themes."""

from __future__ import annotations

import time

import httpx2
import pytest
from axe_playwright_python.sync_playwright import Axe

from portal.tenancy.models import Standing, User
from tests.factors.test_browser import page, sign_in  # noqa: F401 - the fixture
from tests.federation.conftest import set_up_oidc

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def federated(settings, live_server, ada, dev, real_provider):
    settings.PORTAL_URL = live_server.url
    set_up_oidc(ada, real_provider)
    claims = {"email": dev.email, "email_verified": True}
    httpx2.put(f"{real_provider}/users/dev-sub", json=claims)
    return real_provider


def test_a_person_signs_in_at_the_provider(page, live_server, federated, dev):  # noqa: F811
    page.goto(live_server.url + "/signin/?next=/account/")
    page.get_by_label("Account name").fill("Northwind")
    page.get_by_role("button", name="Continue").click()
    page.wait_for_url(federated + "/**")
    page.locator("input[name=sub]").fill("dev-sub")
    page.locator("button[type=submit], input[type=submit]").first.click()
    page.wait_for_url(live_server.url + "/account/")

    dev.refresh_from_db()
    assert dev.standing == Standing.ACTIVE
    assert [text for text in page.problems if "Content Security Policy" in text] == []


PAGES = [
    "/account/security/",
    "/account/security/authenticator/",
    "/account/security/passkeys/add/",
    "/admin/settings/sign-in/",
    "/admin/settings/sign-in/?kind=saml",
]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pages_are_accessible(page, live_server, ada, provider, scheme):  # noqa: F811
    set_up_oidc(ada, provider.url, on=False)
    page.emulate_media(color_scheme=scheme)
    sign_in(page, live_server, User.objects.get(pk=ada.pk))
    page.wait_for_url(live_server.url + "/")
    found = {}
    for path in PAGES:
        page.goto(live_server.url + path)
        time.sleep(0.2)  # short transitions of colours
        violations = Axe().run(page).response["violations"]
        found |= {path: [one["id"] for one in violations]} if violations else {}

    assert (found, page.problems) == ({}, [])
