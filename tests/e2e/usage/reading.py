"""What the usage pages show, as a test reads it."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

WALLBOARD = "Team wallboard"
ZONE = ZoneInfo("America/New_York")  # of the demo account


def ago(days: int) -> date:
    return datetime.now(ZONE).date() - timedelta(days=days)


def follows(page: Any, part: str) -> None:
    """The address tells what is shown, and the page was not loaded anew for it."""
    page.wait_for_url(f"**{part}**")
    settle(page)
    assert page.evaluate("() => window.isSamePage") is True


def settle(page: Any) -> None:
    """A control that is used in the instant between its coming and htmx's seeing it loads the page anew."""
    busy = ".htmx-request, .htmx-swapping, .htmx-settling, .htmx-added"
    page.wait_for_function("busy => !document.querySelector(busy)", arg=busy)


def rows(page: Any) -> list[list[str]]:
    """The lines of the table, without its total: name, then the figures."""
    found: list[list[str]] = page.evaluate(
        """() => [...document.querySelectorAll(".usage-table tbody tr")].map((row) => [
          row.querySelector("th a:not(.usage-fold), th .usage-operation"), ...row.querySelectorAll("td")
        ].map((part) => part.innerText))"""
    )
    return found


def number(text: str) -> float:
    """1,234 → 1234; −4.0% → -4; 12.5 ms → 12.5; nothing to compare with counts as 0."""
    plain = text.replace(",", "").replace("−", "-").strip("% ms+")
    return 0 if plain in ("—", "new") else float(plain)


def calls(page: Any) -> list[int]:
    return [int(number(row[1])) for row in rows(page)]


def series(page: Any) -> dict[str, list[int]]:
    """What the picture is drawn from: the counts of each stack's pieces by name."""
    figure = json.loads(page.locator("[data-figure]").get_attribute("data-figure"))
    return {bar["name"]: bar["y"] for bar in figure["data"]}


def bars(page: Any) -> int:
    """How many stacks the picture has, once it is sure that the table carries all that it shows."""
    pieces = series(page)
    table = {row[0]: int(number(row[1])) for row in rows(page)}
    assert {name: sum(counts) for name, counts in pieces.items()} == table
    assert page.locator("[data-figure] rect").count() == sum(
        count > 0 for counts in pieces.values() for count in counts
    )
    return len(next(iter(pieces.values())))


def turn(page: Any, step: str) -> None:
    """To the period before or after."""
    now = page.locator(".usage-title").inner_text()
    page.locator(f"#usage-{step}").click()
    page.wait_for_function("was => document.querySelector('.usage-title').innerText != was", arg=now)
