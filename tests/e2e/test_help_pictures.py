"""The pictures of the help, taken from the running portal, so that they show what readers will find.

They are kept in static/help/, as whoever reads the help has no browser at hand that could take them. Beside
them stands which words of the interface each shows. When a page's words are no longer those, its test takes
the picture again in both themes and fails: look at it, and commit it. Data may differ from start to start, so
only headings, labels, buttons and column heads count.
"""

from __future__ import annotations

import base64
import hashlib
import json
import time
from pathlib import Path
from typing import Any

import httpx2
import pytest

from portal.help.rendering import HEIGHT, THEMES, WIDTH

pytestmark = [pytest.mark.e2e, pytest.mark.pictures]

FOLDER = Path(__file__).parent.parent.parent / "static" / "help"
LEDGER = FOLDER / "pictures.json"
MOST_BYTES = 1_500_000  # of all pictures
PICTURES = {
    "home": "/",
    "apps": "/apps/",
    "app": "/apps/",
    "console": "/catalog/workforce/operations/searchEmployees/",
    "operation": "/catalog/workforce/operations/searchEmployees/",
    "integrations": "/integrations/",
    "usage": "/usage/?by=endpoint",
    "people": "/admin/users/",
}
WORDS = """() => [...document.querySelectorAll(
        ".nav-link, main :is(h1, h2, th, label, legend, button, a.button, dt)")]
    .filter((one) => one.checkVisibility() && one.getBoundingClientRect().top < innerHeight)
    .map((one) => one.textContent.replace(/[0-9]+/g, "0").replace(/\\s+/g, " ").trim())"""


def call(portal: Any) -> None:
    """Some calls of the demo app, so that the usage page has something to show."""
    credentials = portal.said(r"-u '([^']+)'").split(":")
    with httpx2.Client(base_url=portal.url, auth=tuple(credentials)) as client:
        token = client.post("/oauth2/token", data={"grant_type": "client_credentials"}).json()["access_token"]
    headers = {"Authorization": f"Bearer {token}"}
    with httpx2.Client(base_url=f"{portal.url}/sandbox/workforce/v1/search", headers=headers) as client:
        for what, often in {"employees": 24, "segments": 15, "staffGroups": 9, "routingSets": 4}.items():
            for _ in range(often):
                client.post(f"/{what}", json={"maxResults": 1})
    time.sleep(6)  # until they are counted


def reach(page: Any, name: str, url: str) -> None:
    """The page as the picture shows it; some are a click away from their address."""
    page.goto(url + PICTURES[name])
    if name == "app":
        page.get_by_role("link", name="Payroll feed", exact=True).click()
    if name == "console":
        page.get_by_role("button", name="Test Request").click()
        page.locator(".console-send").click()
        page.locator(".console[data-state=done] .tree-row").first.wait_for()
    page.wait_for_load_state("networkidle")


def shown_words(page: Any) -> str:
    """A digest of the interface's own words, but for the greeting, which follows the clock."""
    words = [word for word in page.evaluate(WORDS) if not word.startswith("Good ")]
    return hashlib.sha256("\n".join(words).encode()).hexdigest()[:16]


def take(page: Any, name: str, theme: str) -> None:
    """WebP: a third of a PNG's size. The browser makes it, so nothing else is needed."""
    shot = page.context.new_cdp_session(page).send(
        "Page.captureScreenshot", {"format": "webp", "quality": 72}
    )
    (FOLDER / f"{name}-{theme}.webp").write_bytes(base64.b64decode(shot["data"]))


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_shows_the_page_as_it_is(signed_in, portal, name):
    FOLDER.mkdir(exist_ok=True)
    known = json.loads(LEDGER.read_text()) if LEDGER.exists() else {}
    page = signed_in(width=WIDTH)
    page.set_viewport_size({"width": WIDTH, "height": HEIGHT})
    if name == "usage":
        call(portal)
    reach(page, name, portal.url)
    words = shown_words(page)
    files = [FOLDER / f"{name}-{theme}.webp" for theme in THEMES]
    is_stale = known.get(name) != words or not all(file.exists() for file in files)
    if is_stale:
        for theme in THEMES:
            page.emulate_media(color_scheme=theme)
            page.wait_for_timeout(600)
            take(page, name, theme)
        LEDGER.write_text(json.dumps(dict(sorted((known | {name: words}).items())), indent=1) + "\n")

    assert not is_stale, (
        f"{name}: the page has changed and its picture was taken again; look at it and commit it"
    )


def test_the_pictures_weigh_little():
    assert sum(file.stat().st_size for file in FOLDER.glob("*.webp")) < MOST_BYTES
