"""The names of time zones."""

from __future__ import annotations

import zoneinfo
from functools import cache


@cache
def known() -> frozenset[str]:
    """Every zone of this machine. Asked once a process: the library opens each file, some hundred."""
    return frozenset(zoneinfo.available_timezones())
