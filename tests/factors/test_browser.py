"""Passkeys in a real browser with a virtual authenticator, and the pages' accessibility."""

from __future__ import annotations

import pytest

from tests.conftest import PASSWORD

pytestmark = pytest.mark.e2e


@pytest.fixture
def page(browser):
    context = browser.new_context()
    page = context.new_page()
    page.problems = []
    page.on("console", lambda message: message.type == "error" and page.problems.append(message.text))
    page.on("pageerror", lambda error: page.problems.append(str(error)))
    yield page
    context.close()


@pytest.fixture
def authenticator(page):
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    return session.send("WebAuthn.addVirtualAuthenticator", {"options": options})


def sign_in(page, server, person):
    page.goto(server.url + "/signin/")
    page.get_by_label("Account name").fill(person.tenant.name)
    page.get_by_role("button", name="Continue").click()
    page.get_by_label("E-mail").fill(person.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()


@pytest.mark.django_db(transaction=True)
def test_a_passkey_is_made_and_used(page, authenticator, live_server, ada):
    sign_in(page, live_server, ada)
    page.goto(live_server.url + "/account/security/passkeys/add/")
    page.get_by_label("Name").fill("Laptop")
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("heading", name="Your recovery codes").wait_for()
    page.get_by_role("link", name="I have kept them").click()
    page.get_by_role("button", name="Remove Laptop").wait_for()
    page.context.clear_cookies()
    sign_in(page, live_server, ada)
    page.get_by_role("button", name="Use a passkey").click()
    page.wait_for_url(live_server.url + "/")

    assert page.problems == []
