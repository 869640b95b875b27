"""The main pages by keyboard alone: the order in which they are read, and that one sees where one is."""

from __future__ import annotations

from typing import Any

import pytest

pytestmark = pytest.mark.e2e

PAGES = [
    "/",
    "/apps/",
    "/apps/create/",
    "/catalog/",
    "/catalog/workforce/operations/searchEmployees/",
    "/integrations/",
    "/usage/",
    "/usage/requests/",
    "/help/",
    "/help/apps/",
    "/support/",
    "/admin/users/",
    "/admin/settings/",
    "/account/",
]
STOPS = 30  # enough to walk through the frame and into the page

# Where the focus is: which part of the frame, a name, and whether it looks other than without focus.
HERE = """() => {
  const one = document.activeElement;
  if (!one || one === document.body) return null;
  const seen = (node) => { const s = getComputedStyle(node);
    return [s.outlineStyle !== "none" && parseFloat(s.outlineWidth) > 0, s.boxShadow !== "none"]; };
  const box = one.getBoundingClientRect();
  const [outlined, shadowed] = seen(one);
  return {
    part: [".skip-link", ".sidebar", ".topbar", "main"].find((part) => one.closest(part)) ?? "?",
    name: (one.getAttribute("aria-label") ?? one.innerText ?? "").trim() || one.outerHTML.slice(0, 80),
    isSeen: (outlined || shadowed) && box.width > 0 && box.height > 0,
    isOnScreen: box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth,
    top: Math.round(box.top + scrollY), left: Math.round(box.left),
  };
}"""


def walk(page: Any, most: int = STOPS) -> list[dict[str, Any]]:
    """What Tab stops at, from the top of the page, also where a field has taken the focus by itself."""
    page.keyboard.press("Shift")
    page.evaluate("() => document.querySelector('.skip-link').focus()")
    stops = [page.evaluate(HERE)]
    for _ in range(most):
        page.keyboard.press("Tab")
        here = page.evaluate(HERE)
        if here is None:
            break
        stops.append(here)
    return stops


@pytest.mark.parametrize("width", [1440, 390])
def test_pages_are_read_in_order_and_the_focus_is_seen(signed_in, portal, width):
    page = signed_in(width=width)
    wrong = {}
    for path in PAGES:
        page.goto(portal.url + path)
        page.wait_for_load_state("networkidle")
        stops = walk(page)
        parts = list(dict.fromkeys(one["part"] for one in stops))
        order = (
            [".skip-link", ".sidebar", ".topbar", "main"]
            if width == 1440
            else [".skip-link", ".topbar", "main"]
        )
        unseen = [one["name"] for one in stops if not (one["isSeen"] and one["isOnScreen"])]
        if parts != order[: len(parts)] or "main" not in parts or unseen:
            wrong[path] = (parts, unseen)

    assert wrong == {}


def test_the_skip_link_leads_past_the_navigation(signed_in, portal):
    page = signed_in()
    page.goto(f"{portal.url}/apps/")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")

    assert page.evaluate(HERE)["part"] == "main"


def test_the_drawer_keeps_the_focus_and_gives_it_back(signed_in, portal):
    page = signed_in(width=390)
    menu = page.get_by_role("button", name="Open the menu")
    menu.focus()
    page.keyboard.press("Enter")
    page.wait_for_function("() => document.activeElement.closest('.sidebar')")
    for _ in range(20):
        page.keyboard.press("Tab")
        assert page.evaluate("() => Boolean(document.activeElement.closest('.sidebar'))") or is_nowhere(page)
    page.keyboard.press("Escape")

    assert page.evaluate("() => document.activeElement.textContent.trim()") == "Open the menu"
    assert not page.locator(".sidebar").get_by_role("link", name="Apps").is_visible()


def is_nowhere(page: Any) -> bool:
    """Tab has left the page for the browser's own buttons."""
    return bool(page.evaluate("() => document.activeElement === document.body"))


def inside(page: Any) -> bool:
    return bool(page.evaluate("() => Boolean(document.activeElement.closest('dialog'))"))


def test_the_search_dialog_keeps_the_focus_and_gives_it_back(signed_in, portal):
    page = signed_in()
    page.goto(f"{portal.url}/catalog/")
    page.get_by_role("link", name="Changelog").focus()
    page.keyboard.press("/")
    page.get_by_role("dialog").wait_for()
    page.keyboard.type("balances")
    page.get_by_role("dialog").get_by_role("option").or_(
        page.get_by_role("dialog").get_by_role("link")
    ).first.wait_for()
    for _ in range(12):
        page.keyboard.press("Tab")
        assert inside(page) or is_nowhere(page)
    page.keyboard.press("Escape")
    page.get_by_role("dialog").wait_for(state="hidden")

    assert page.evaluate("() => document.activeElement.textContent.trim()") == "Changelog"


def test_the_console_over_the_page_keeps_the_focus_and_gives_it_back(signed_in, portal):
    page = signed_in(width=390)
    page.goto(f"{portal.url}/catalog/workforce/operations/searchEmployees/")
    page.get_by_role("button", name="Test Request").focus()
    page.keyboard.press("Enter")
    page.locator(".console-send").wait_for()
    for _ in range(40):
        page.keyboard.press("Tab")
        assert inside(page) or is_nowhere(page)
    page.locator(".console-send").focus()
    page.keyboard.press("Escape")

    assert page.evaluate("() => document.activeElement.textContent.trim()") == "Test Request"


def test_the_account_menu_opens_by_keyboard_and_closes_with_escape(signed_in, portal):
    page = signed_in()
    page.locator(".avatar-button").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("() => document.activeElement.textContent.trim()") == "Your account"
    page.keyboard.press("Escape")

    assert not page.get_by_role("link", name="Your account").is_visible()
    assert page.evaluate("() => document.activeElement.className") == "avatar-button"
