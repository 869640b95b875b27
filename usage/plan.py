"""What only the room above knows of an API, asked through functions that it registers when it starts:

plan.register(limits=…, estimates=…)     # in AppConfig.ready
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple


class Limit(NamedTuple):
    """`calls` of one app to one operation are let through in `seconds`."""

    calls: int
    seconds: int


class Estimate(NamedTuple):
    """How often a use case is expected to call, by the API's own guide."""

    api: str
    name: str
    calls_a_day: int


_limits: Callable[[], dict[str, Limit]] = dict
_estimates: Callable[[], list[Estimate]] = list


def register(*, limits: Callable[[], dict[str, Limit]], estimates: Callable[[], list[Estimate]]) -> None:
    global _limits, _estimates
    _limits, _estimates = limits, estimates


def limits() -> dict[str, Limit]:
    """By the API's slug; an app's own limit counts before it."""
    return _limits()


def estimates() -> list[Estimate]:
    return _estimates()


def rate_key(app_id: int | str, api: str, operation: str) -> str:
    """Under which the gateway counts an app's calls to an operation in the window that runs."""
    return f"rate:{app_id}:{api}:{operation}"
