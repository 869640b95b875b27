"""The clock, and people who have set a second factor up."""

from __future__ import annotations

import pytest
import time_machine
from django.test import Client

from portal.tenancy.factors import recovery
from tests.factors.acts import codes_of, register, set_up_app
from tests.factors.device import Device


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


@pytest.fixture
def with_app(ada, clock):
    """Ada's app and recovery codes; the clock stands one step later."""
    browser = Client()
    browser.force_login(ada)
    secret, page = set_up_app(browser)
    clock.shift(60)
    return secret, codes_of(page)


@pytest.fixture
def device():
    return Device(origin="http://testserver", host="testserver")


@pytest.fixture
def with_passkey(ada, device):
    browser = Client()
    browser.force_login(ada)
    register(browser, device)
    return device
