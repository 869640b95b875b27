"""A portal with the history that `up` makes for its demo account."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest

from portal.start.demo import HISTORY
from tests.e2e.portal import Portal, started
from tests.e2e.usage.reading import WALLBOARD, ago


@pytest.fixture(scope="package")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    """Of its own: what other tests call would stand among the figures."""
    with started(tmp_path_factory.mktemp("usage")) as running:
        yield running


@pytest.fixture(scope="package")
def state(browser: Any, portal: Any) -> Any:
    """Ada's cookies, once the whole demo history is there: it is written from today backwards."""
    context = browser.new_context()
    page = context.new_page()
    portal.sign_in(page)
    first, ends = ago(HISTORY - 2), time.monotonic() + 60
    while page.get_by_role("link", name=WALLBOARD).count() == 0:
        assert time.monotonic() < ends, "the demo history does not come"
        page.goto(f"{portal.url}/usage/?from={first}&to={first}")
    kept = context.storage_state()
    context.close()
    return kept


@pytest.fixture
def page(open_page: Any, state: Any, portal: Any) -> Any:
    """The month of a week ago: it has calls even where today's has just begun."""
    shown = open_page(state=state)
    shown.goto(f"{portal.url}/usage/?period=month&on={ago(7)}")
    shown.evaluate("() => { window.isSamePage = true; }")
    return shown
