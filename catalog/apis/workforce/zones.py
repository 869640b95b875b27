"""Time zones of the IANA database, and how they stand at a moment."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import cache
from importlib.resources import files
from typing import Any
from zoneinfo import ZoneInfo

Row = dict[str, Any]

REGIONS = frozenset(
    (
        "Africa",
        "America",
        "Antarctica",
        "Arctic",
        "Asia",
        "Atlantic",
        "Australia",
        "Europe",
        "Indian",
        "Pacific",
    )
)


def is_time_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # unknown, malformed, or only the folder of a region
        return False
    return True


@cache
def names() -> list[str]:
    """Zones named by region and place, and UTC.

    From the list of tzdata: zoneinfo.available_timezones() opens every file, which takes more than a second.
    """
    every = files("tzdata").joinpath("zones").read_text(encoding="utf-8").split()
    return sorted(name for name in every if name == "UTC" or name.split("/")[0] in REGIONS)


def standing(name: str, now: datetime) -> Row:
    """The zone's offset and whether its clocks are changed."""
    there = now.astimezone(ZoneInfo(name))
    offset, saving = there.utcoffset() or timedelta(), there.dst() or timedelta()
    return {
        "timeZone": name,
        "abbreviation": there.tzname(),
        "utcOffsetMinutes": round(offset.total_seconds() / 60),
        "daylightSaving": bool(saving),
    }
