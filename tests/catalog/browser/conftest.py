"""The browser and the portal of the end-to-end tests; Ada signs in once for all of them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from tests.catalog.console.documents import document
from tests.e2e.conftest import (  # noqa: F401
    _forget_what_processes_keep,
    open_page,
    theme,
    valkey,
)
from tests.e2e.portal import HOUSE, Portal, environment, started


@pytest.fixture(scope="session")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    """One that may reach loopback, where the upstreams of these tests are."""
    with started(tmp_path_factory.mktemp("portal"), PORTAL_ALLOW_PRIVATE_FETCH="1") as running:
        yield running


@pytest.fixture(scope="session")
def ada_s_cookies(browser: Any, portal: Portal) -> Any:
    context = browser.new_context()
    portal.sign_in(context.new_page())
    state = context.storage_state()
    context.close()
    return state


@pytest.fixture
def signed_in(open_page: Any, portal: Portal, ada_s_cookies: Any) -> Any:  # noqa: F811
    """signed_in(theme=…, width=…): a page of a profile in which Ada has signed in."""

    def open_it(**how: Any) -> Any:
        page = open_page(state=ada_s_cookies, **how)
        page.goto(portal.url)
        return page

    return open_it


@pytest.fixture(scope="session")
def manage(portal: Portal) -> Any:
    """manage("command", …): run beside the portal, on its data."""
    own = environment(portal.folder) | {"PATH": os.environ["PATH"], "PORTAL_ALLOW_PRIVATE_FETCH": "1"}

    def run(*arguments: str) -> str:
        command = [sys.executable, "manage.py", *arguments]
        done = subprocess.run(command, cwd=HOUSE, env=own, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run


LARGE = [
    {"id": number, "name": f"Row {number}", "state": "waiting", "to": "x" * 70} for number in range(42_000)
]


def _get(name: str, media_type: str, security: str | None, **media: Any) -> dict[str, Any]:
    answer = {"description": "As asked.", "content": {media_type: {"schema": {}, **media}}}
    found = {"operationId": name, "summary": name, "responses": {"200": answer}}
    return {"get": found | ({"security": [{security: []}]} if security else {})}


@pytest.fixture(scope="session")
def parcels(manage: Any, tmp_path_factory: pytest.TempPathFactory) -> None:
    """The document of every kind, with an operation that answers five megabytes and one that streams."""
    told = document()
    told["paths"]["/much"] = _get("much", "application/json", None, example=LARGE)
    told["paths"]["/take"] = _get("take", "application/json", "oauth")
    told["paths"]["/take"]["post"] = told["paths"]["/take"].pop("get") | {
        "requestBody": {"content": {"application/json": {"schema": {}}}}
    }
    told["paths"]["/feed"] = _get("feed", "text/event-stream", "oauth")
    file = tmp_path_factory.mktemp("parcels") / "document.json"
    file.write_text(json.dumps(told))
    manage("publish_apis", str(file), "--slug", "parcels")


@pytest.fixture
def console(signed_in: Any, portal: Portal, parcels: None) -> Any:
    """console("parcels", "getParcel"): its page with Test Request open."""

    def open_it(api: str, operation: str, page: Any = None, **how: Any) -> Any:
        page = page or signed_in(**how)
        page.goto(f"{portal.url}/catalog/{api}/operations/{operation}/")
        page.get_by_role("button", name="Test Request").click()
        page.locator(".console-send").wait_for()
        return page

    return open_it
