"""When a schedule is due next, on the tenant's clock, whatever daylight saving does to it.

A day begins at its start time: at that wall time, or right after the gap that skips it; the first of the
two where the clock shows it twice. Inside a day the interval is counted in real hours; the next day begins
at its start time again, and what would come less than half an interval before that is left out. So every
local day has exactly one start, also one of 23 or 25 hours.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from integrations.models import Interval

DAY = timedelta(days=1)


def at(day: date, start: time, zone: ZoneInfo) -> datetime:
    """The moment, in UTC, at which the clock shows `start` on this day."""
    moment = datetime.combine(day, start, zone).astimezone(UTC)
    return moment if _exists(day, start, zone) else _after_gap(day, start, zone)


def _exists(day: date, start: time, zone: ZoneInfo) -> bool:
    moment = datetime.combine(day, start, zone)
    return moment.astimezone(UTC).astimezone(zone).replace(tzinfo=None) == moment.replace(tzinfo=None)


def _after_gap(day: date, start: time, zone: ZoneInfo) -> datetime:
    """The first moment after the gap in which this wall time falls."""
    before = datetime.combine(day, start, zone).replace(fold=1).astimezone(UTC)  # read with the later offset
    after = datetime.combine(day, start, zone).replace(fold=0).astimezone(UTC)
    low, high = min(before, after), max(before, after)
    while high - low > timedelta(milliseconds=1):
        middle = low + (high - low) / 2
        if middle.astimezone(zone).utcoffset() == low.astimezone(zone).utcoffset():
            low = middle
        else:
            high = middle
    return (high + timedelta(milliseconds=500)).replace(microsecond=0)


def first_after(moment: datetime, start: time, zone: ZoneInfo) -> datetime:
    """The next time the clock shows `start`."""
    day = moment.astimezone(zone).date()
    return next(found for n in range(3) if (found := at(day + n * DAY, start, zone)) > moment)


def next_run(after: datetime, *, start: time, interval: int, zone: ZoneInfo, starts_at: datetime) -> datetime:
    """The first planned moment later than `after`; missed ones are not made up for."""
    if after < starts_at:
        return starts_at
    if interval == Interval.WEEK:
        return _weekly(after, start, zone, starts_at)
    today = after.astimezone(zone).date()
    for n in range(-2, 3):
        begin, end = at(today + n * DAY, start, zone), at(today + (n + 1) * DAY, start, zone)
        if after < begin:
            return begin
        found = begin + ((after - begin) // timedelta(minutes=interval) + 1) * timedelta(minutes=interval)
        if interval < Interval.DAY and found <= end - timedelta(minutes=interval) / 2:
            return found
    raise AssertionError("the days around a moment hold the next start")


def _weekly(after: datetime, start: time, zone: ZoneInfo, starts_at: datetime) -> datetime:
    first = starts_at.astimezone(zone).date()
    weeks = max(0, (after.astimezone(zone).date() - first).days // 7 - 1)
    while (found := at(first + weeks * 7 * DAY, start, zone)) <= after:
        weeks += 1
    return found
