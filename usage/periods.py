"""Hours, days and longer stretches on a tenant's own clock. Pure functions."""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

LONGEST = 3 * 366  # days in one picture


class Kind(StrEnum):
    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    YEAR = "year"
    RANGE = "range"


class Unit(StrEnum):
    """What one bar of the picture stands for."""

    HOUR = "hour"
    DAY = "day"
    MONTH = "month"


@dataclass(frozen=True, slots=True)
class Period:
    """Whole local days, `first` to `last`, both included."""

    kind: Kind
    first: date
    last: date

    @property
    def unit(self) -> Unit:
        if self.first == self.last:
            return Unit.HOUR
        return Unit.DAY if (self.last - self.first).days < 93 else Unit.MONTH

    @property
    def title(self) -> str:
        match self.kind:
            case Kind.DAY:
                return f"{self.first:%A}, {self.first.day} {self.first:%B %Y}"
            case Kind.MONTH:
                return f"{self.first:%B %Y}"
            case Kind.YEAR:
                return f"{self.first.year}"
        begin = f"{self.first.day} {self.first:%b}"
        if self.first.year != self.last.year:
            begin += f" {self.first.year}"
        return f"{begin} – {self.last.day} {self.last:%b %Y}"

    def moved(self, steps: int, week_start: int) -> Period:
        """The period before (-1) or after (1) of the same kind; a range moves by its own length."""
        try:
            if self.kind is Kind.RANGE:
                by = timedelta(days=((self.last - self.first).days + 1) * steps)
                return Period(Kind.RANGE, self.first + by, self.last + by)
            edge = self.last + timedelta(days=1) if steps > 0 else self.first - timedelta(days=1)
            return period(self.kind, edge, week_start)
        except OverflowError:
            return self

    def days(self) -> list[date]:
        return [self.first + timedelta(days=number) for number in range((self.last - self.first).days + 1)]

    def months(self) -> list[date]:
        return sorted({day.replace(day=1) for day in self.days()})


def period(kind: Kind, day: date, week_start: int) -> Period:
    """The day, week, month or year that holds `day`. `week_start`: 0 is Monday, 6 Sunday."""
    match kind:
        case Kind.WEEK:
            first = day - timedelta(days=(day.weekday() - week_start) % 7)
            return Period(kind, first, first + timedelta(days=6))
        case Kind.MONTH:
            length = calendar.monthrange(day.year, day.month)[1]
            return Period(kind, day.replace(day=1), day.replace(day=length))
        case Kind.YEAR:
            return Period(kind, day.replace(month=1, day=1), day.replace(month=12, day=31))
        case _:
            return Period(kind, day, day)


def stretch(first: date, last: date) -> Period:
    """From one date to another, in either order; at most LONGEST days, the newest ones."""
    first, last = min(first, last), max(first, last)
    return Period(Kind.RANGE, max(first, last - timedelta(days=LONGEST - 1)), last)


def hour_start(at: datetime, zone: ZoneInfo) -> datetime:
    """The UTC instant at which the clock of `zone` began the hour that holds `at`.

    An hour begins when the minute hand passes twelve, or when the clock is put forward or back.
    """
    local = at.astimezone(zone)
    offset = local.utcoffset()
    past = timedelta(minutes=local.minute, seconds=local.second, microseconds=local.microsecond)
    start = at.astimezone(UTC) - past
    if start.astimezone(zone).utcoffset() == offset:
        return start
    late = at.astimezone(UTC)  # the clock was changed between start and late: close in on the second
    while late - start > timedelta(seconds=1):
        middle = (start + (late - start) / 2).replace(microsecond=0)
        if middle <= start:
            break
        if middle.astimezone(zone).utcoffset() == offset:
            late = middle
        else:
            start = middle
    return late.replace(microsecond=0)


def day_start(day: date, zone: ZoneInfo) -> datetime:
    """The first UTC instant of a local date."""
    return datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)


def hours_of(day: date, zone: ZoneInfo) -> list[datetime]:
    """The starts of a local date's hours in UTC: 23 to 25 of them, and odd ones in odd zones."""
    end = day_start(day + timedelta(days=1), zone)
    hours = []
    at = day_start(day, zone)
    while at < end:
        hours.append(at)
        at = _next_hour(at, zone)
    return hours


def _next_hour(start: datetime, zone: ZoneInfo) -> datetime:
    """When the minute hand passes twelve, or a change of the clock before that begins an hour of its own."""
    local = start.astimezone(zone)
    following = start + timedelta(hours=1) - timedelta(minutes=local.minute, seconds=local.second)
    while (earlier := hour_start(following - timedelta(seconds=1), zone)) > start:
        following = earlier
    return following
