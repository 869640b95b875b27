"""A line's figures as plain data: one spelling for files and the API."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from usage.queries import Line, Moment


def as_data(line: Line) -> dict[str, Any]:
    """Shares and rates from 0 to 1, times in milliseconds."""
    return {
        "calls": line.calls,
        "calls_before": line.before,
        "share": round(line.share, 6),
        "errors": line.errors,
        "error_rate": round(line.error_rate, 6),
        "p50_ms": _rounded(line.p50),
        "p95_ms": _rounded(line.p95),
        "p99_ms": _rounded(line.p99),
    }


def _rounded(milliseconds: float | None) -> float | None:
    return None if milliseconds is None else round(milliseconds, 3)


def moment_words(moment: Moment, zone: ZoneInfo) -> str:
    """An hour with its offset, so that one the clock shows twice is told apart; else the date."""
    if isinstance(moment, datetime):
        return moment.astimezone(zone).isoformat(timespec="minutes")
    return moment.isoformat()
