"""Whether counting keeps up."""

from __future__ import annotations

import time

from portal import valkey
from portal.front.checks import Finding, State
from usage.event import STREAM
from usage.models import Cursor

LATE, LOST = 60.0, 900.0  # seconds that a call may wait


def counting() -> Finding:
    waited = lag()
    if waited > LOST:
        return Finding(State.AWAY, "Calls wait to be counted. They are kept; usage pages show them later.")
    if waited > LATE:
        return Finding(State.SLOW, "Counting is behind. Usage pages show the newest calls a little later.")
    return Finding(State.OK, "Calls show on the usage pages within seconds.")


def lag() -> float:
    """For how many seconds the oldest call has waited to be counted. Raises valkey.Away."""
    positions = dict(Cursor.objects.values_list("stream", "position")) or {STREAM: "0-0"}
    return max(_waited(stream, position) for stream, position in positions.items())


def _waited(stream: str, position: str) -> float:
    """An entry's id begins with the milliseconds at which it was added."""
    waiting = valkey.command("XRANGE", stream, f"({position}", "+", "COUNT", 1)
    return max(0.0, time.time() - int(waiting[0][0].split(b"-")[0]) / 1000) if waiting else 0.0
