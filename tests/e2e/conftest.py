"""One portal and one browser for all browser tests."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.e2e.portal import Portal, started


@pytest.fixture(autouse=True)
def valkey() -> None:
    """The portal under test brings its own server."""


@pytest.fixture(autouse=True)
def _forget_what_processes_keep() -> None:
    """Nothing is kept here: the portal runs in processes of its own."""


@pytest.fixture(scope="session")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    with started(tmp_path_factory.mktemp("portal")) as running:
        yield running


class Complaints(list[str]):
    """What the browser's console said: errors, and policy violations."""


@pytest.fixture(params=["light", "dark"])
def theme(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def open_page(browser: Any) -> Iterator[Any]:
    """open_page(theme="light", width=1440, state=None): a page of a fresh profile, or of one whose cookies
    are given; its console must stay silent."""
    contexts, complaints = [], Complaints()

    def open_it(*, theme: str = "light", width: int = 1440, state: Any = None) -> Any:
        shape = {"width": width, "height": 900}
        context = browser.new_context(color_scheme=theme, viewport=shape, storage_state=state)
        context.grant_permissions(["clipboard-read", "clipboard-write"])
        contexts.append(context)
        page = context.new_page()
        page.on(
            "console",
            lambda said: complaints.append(said.text) if said.type in ("error", "warning") else None,
        )
        page.on("pageerror", lambda error: complaints.append(str(error)))
        return page

    open_it.complaints = complaints  # type: ignore[attr-defined]
    yield open_it
    for context in contexts:
        context.close()
    assert complaints == []


@pytest.fixture
def signed_in(open_page: Any, portal: Portal) -> Any:
    """signed_in(theme=…, width=…): a page on which Ada has signed in."""

    def sign_in(**how: Any) -> Any:
        page = open_page(**how)
        portal.sign_in(page)
        return page

    return sign_in
