"""From an invitation to the first page, in a real browser, with the links out of the operator's outbox."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from typing import Any

import pytest

from tests.e2e.portal import HOUSE
from tests.e2e.test_pages import violations

pytestmark = pytest.mark.e2e
PASSWORD = "nine purple kettles sing"
READ = """
import json
from portal.mail.models import Outbox
print(json.dumps([json.loads(row.body)["text"] for row in Outbox.objects.filter(to={!r}).order_by("pk")]))
"""


def last_link(portal: Any, address: str) -> str:
    environment = {**os.environ, "PORTAL_VAR": str(portal.folder), "PORTAL_URL": portal.url}
    environment.pop("DJANGO_SETTINGS_MODULE", None)
    for name in ("DATABASE_URL", "REDIS_URL", "PORTAL_SECRET_KEY"):
        environment.pop(name, None)
    answer = subprocess.run(
        [sys.executable, "manage.py", "shell", "-v", "0", "-c", READ.format(address)],
        cwd=HOUSE,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    text = json.loads(answer.stdout.splitlines()[-1])[-1]
    return re.search(r"http\S+", text)[0]  # type: ignore[index]


def test_an_invited_person_registers_verifies_and_signs_in(signed_in, open_page, portal, theme):
    address = f"nia-{theme}@northwind.example"
    admin = signed_in(theme=theme)
    admin.goto(portal.url + "/admin/users/invite/")
    admin.fill("[name=addresses]", address)
    admin.click(".form button[type=submit]")
    admin.wait_for_url("**/admin/users/")
    assert admin.locator(f"tr:has-text('{address}') .badge").inner_text() == "Pending"

    page = open_page(theme=theme)
    link = last_link(portal, address)
    page.goto(link)
    assert page.url == portal.url + "/invite/"
    page.fill("[name=password]", PASSWORD[:10])
    assert page.locator("[data-strength-words]").inner_text() == "5 more characters needed"
    assert violations(page) == []
    page.fill("[name=first_name]", "Nia")
    page.fill("[name=last_name]", "Berg")
    page.select_option("[name=occupation]", "developer")
    page.fill("[name=password]", PASSWORD)
    page.fill("[name=again]", PASSWORD)
    page.click(".form button[type=submit]")
    page.wait_for_selector("h1:has-text('Check your mail')")
    assert violations(page) == []

    page.goto(last_link(portal, address))
    assert page.url == portal.url + "/verify/"
    page.click("button:has-text('This is my address')")
    page.click("a:has-text('Sign in')")
    page.fill("[name=email]", address)
    page.fill("[name=password]", PASSWORD)
    page.click(".form button[type=submit]")
    page.wait_for_selector("h1:has-text('Nia')")
