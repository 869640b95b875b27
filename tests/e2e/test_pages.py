"""Every page: reachable by everybody, readable on every screen, in both themes."""

from __future__ import annotations

from typing import Any

import pytest

pytestmark = pytest.mark.e2e

PAGES = [
    "/",
    "/apps/",
    "/apps/create/",
    "/catalog/",
    "/catalog/workforce/",
    "/catalog/workforce/operations/searchEmployees/",
    "/catalog/workforce/operations/updatePersonalAccountBalances/",
    "/catalog/workforce/models/",
    "/catalog/workforce/guides/authentication/",
    "/catalog/workforce/changelog/",
    "/catalog/calabrio-one/",
    "/catalog/changelog/",
    "/catalog/search/?q=balances",
    "/integrations/",
    "/integrations/add/",
    "/integrations/add/bamboohr/",
    "/usage/",
    "/usage/requests/",
    "/usage/alerts/",
    "/usage/alerts/create/",
    "/help/",
    "/help/?q=token",
    "/help/catalog/",
    "/support/",
    "/legal/privacy/",
    "/status/",
    "/admin/users/",
    "/admin/users/invite/",
    "/account/",
    "/account/password/",
    "/account/email/",
    "/account/security/",
    "/admin/settings/sign-in/",
    "/admin/audit/",
    "/admin/settings/",
    "/admin/settings/apis/",
    "/admin/settings/apis/workforce/",
    "/catalog/workforce/sandbox/",
    "/catalog/eleveo-adherence/history/",
    "/nothing-here/",
]


INK = "() => getComputedStyle(document.body).color"


def violations(page: Any) -> list[str]:
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page).response["violations"]
    return [f"{one['id']}: {node['target']}" for one in found for node in one["nodes"]]


def test_axe_finds_nothing(signed_in, open_page, portal, theme):
    page = signed_in(theme=theme)
    found = {}
    for path in PAGES:
        page.goto(portal.url + path)
        for width in (1440, 1024, 390):
            page.set_viewport_size({"width": width, "height": 900})
            found[path, width] = violations(page)
    open_page.complaints[:] = [said for said in open_page.complaints if "404 (Not Found)" not in said]

    assert {path: one for path, one in found.items() if one} == {}


def test_no_page_scrolls_sideways(signed_in, open_page, portal):
    page = signed_in()
    wide = {}
    for path in PAGES:
        page.goto(portal.url + path)
        for width in (1440, 1024, 390, 320):
            page.set_viewport_size({"width": width, "height": 900})
            actual = page.evaluate("() => document.documentElement.scrollWidth")
            if actual > width:
                wide[path, width] = actual
    open_page.complaints[:] = [said for said in open_page.complaints if "404 (Not Found)" not in said]

    assert wide == {}


def test_theme_switch_is_remembered(signed_in, portal):
    page = signed_in(theme="light")
    before = page.evaluate(INK)
    page.get_by_role("button", name="Switch between light and dark").click()
    after = page.evaluate(INK)
    page.reload()

    assert before != after == page.evaluate(INK)
