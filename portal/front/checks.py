"""What the status page asks: each room registers a question about its own part when it starts.

checks.register("gateway", "API calls", vitals.gateway, needs="database")     # in AppConfig.ready

A probe returns a Finding, within a second or so. One that raises counts as not working. While what it
`needs` is away it is not asked: it could only wait for the same thing again.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from django.utils import timezone

KEPT = 5.0  # seconds an answer is repeated: the page is public, the questions cost something
log = logging.getLogger(__name__)


class State(Enum):
    OK = "Working"
    SLOW = "Slow"
    AWAY = "Not working"

    @property
    def rank(self) -> int:
        return [State.OK, State.SLOW, State.AWAY].index(self)

    @property
    def kind(self) -> str:
        """The word of the badge's class."""
        return {State.OK: "ok", State.SLOW: "warn", State.AWAY: "bad"}[self]


@dataclass(frozen=True, slots=True)
class Finding:
    """`words` are for everybody: what works or does not, never whose or how many."""

    state: State
    words: str


@dataclass(frozen=True, slots=True)
class Check:
    name: str
    title: str
    probe: Callable[[], Finding]
    needs: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    name: str
    title: str
    finding: Finding
    took: float  # milliseconds


@dataclass(frozen=True, slots=True)
class Status:
    lines: list[Line]
    at: datetime

    @property
    def worst(self) -> State:
        return max(
            (line.finding.state for line in self.lines), key=lambda state: state.rank, default=State.OK
        )


_checks: dict[str, Check] = {}
_lock = threading.Lock()
_kept: tuple[float, Status] | None = None


def register(name: str, title: str, probe: Callable[[], Finding], *, needs: str = "") -> None:
    _checks[name] = Check(name, title, probe, needs)


def forget() -> None:
    global _kept
    _kept = None


def status() -> Status:
    """As of the last five seconds; one thread asks, the others wait for its answer."""
    global _kept
    with _lock:
        if _kept is None or time.monotonic() - _kept[0] > KEPT:
            answer = ask()
            _kept = (time.monotonic(), answer)
        return _kept[1]


def ask() -> Status:
    lines: dict[str, Line] = {}
    for check in _checks.values():
        needed = lines.get(check.needs)
        if needed is not None and needed.finding.state is State.AWAY:
            finding, took = Finding(State.AWAY, f"Cannot be told while “{needed.title}” does not work."), 0.0
        else:
            finding, took = _ask(check)
        lines[check.name] = Line(check.name, check.title, finding, took)
    return Status([*lines.values()], timezone.now())


def _ask(check: Check) -> tuple[Finding, float]:
    began = time.perf_counter()
    try:
        finding = check.probe()
    except Exception as error:
        log.exception("check_failed check=%s error=%s", check.name, type(error).__name__)
        finding = Finding(State.AWAY, "Does not answer.")
    return finding, (time.perf_counter() - began) * 1000
