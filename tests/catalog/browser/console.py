"""What a person does with Test Request, and what the browser may say meanwhile."""

from __future__ import annotations

import re
from typing import Any


def send(page: Any) -> str:
    """Sends, and returns what a screen reader is told."""
    page.locator(".console-send").click()
    return told(page)


def told(page: Any) -> str:
    status = page.locator('[data-answer="status"]')
    page.locator(".console[data-state=done], .console[data-state=failed]").wait_for()
    for _ in range(100):
        words = status.text_content()
        if re.match(r"\d{3} |Not sent|Cancelled|The |You ", words):
            return str(words)
        page.wait_for_timeout(50)
    raise AssertionError(words)


def call_of(page: Any) -> Any:
    """Sends and returns the request that left the browser."""
    with page.expect_request(lambda one: "/sandbox/" in one.url) as caught:
        send(page)
    return caught.value


def expect_one(complaints: list[str], words: str) -> None:
    """A failed call that the test meant: exactly one line about it, and every other line stays."""
    meant = f"Failed to load resource: {words}"
    assert complaints.count(meant) == 1, complaints
    complaints.remove(meant)
