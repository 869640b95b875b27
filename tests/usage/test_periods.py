from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from usage.periods import Kind, Period, Unit, day_start, hour_start, hours_of, period, stretch

ZONES = ["UTC", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "Asia/Kathmandu", "America/Havana"]
# The days around every change of clocks in 2026 in one of the zones, and quiet ones.
DAYS = [
    date(2026, 3, 8),
    date(2026, 11, 1),
    date(2026, 4, 5),
    date(2026, 10, 4),
    date(2026, 2, 28),
    date(2026, 7, 1),
]


def minutes_by_hour(day: date, zone: ZoneInfo) -> dict[datetime, datetime]:
    """The slow truth: walk the minutes; an hour begins when the clock's hour or its offset changes."""
    found = {}
    minute = datetime(day.year, day.month, day.day, tzinfo=UTC) - timedelta(hours=30)
    start, before = minute, None
    for _ in range(84 * 60):
        local = minute.astimezone(zone)
        now = (local.date(), local.hour, local.utcoffset())
        if now != before:
            start, before = minute, now
        if local.date() == day:
            found[minute] = start
        minute += timedelta(minutes=1)
    return found


@pytest.mark.parametrize("day", DAYS, ids=str)
@pytest.mark.parametrize("name", ZONES)
def test_hours_are_those_of_the_tenants_clock(name: str, day: date) -> None:
    zone = ZoneInfo(name)
    truth = minutes_by_hour(day, zone)

    assert {minute: hour_start(minute + timedelta(seconds=59.5), zone) for minute in truth} == truth
    assert hours_of(day, zone) == sorted(set(truth.values()))
    assert day_start(day, zone) == min(truth)


def slow_hour_start(at: datetime, zone: ZoneInfo) -> datetime:
    """Walks back by the minute until the clock shows another hour or has another offset."""
    minute = at.replace(second=0, microsecond=0)

    def shown(when: datetime) -> tuple[object, ...]:
        local = when.astimezone(zone)
        return local.date(), local.hour, local.utcoffset()

    while shown(minute - timedelta(minutes=1)) == shown(at):
        minute -= timedelta(minutes=1)
    return minute


# From 2012 to 2037: before, some zones changed their clocks at a minute past midnight.
MOMENTS = st.integers(1_325_376_000, 2_145_830_400).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))


def changed_after(at: datetime, zone: ZoneInfo) -> datetime:
    """The next change of the zone's clock within a year, to the second; `at` itself where there is none."""
    offset = at.astimezone(zone).utcoffset()
    for days in range(7, 372, 7):
        late = at + timedelta(days=days)
        if late.astimezone(zone).utcoffset() != offset:
            early = late - timedelta(days=7)
            while late - early > timedelta(seconds=1):
                middle = early + timedelta(seconds=(late - early) // timedelta(seconds=2))
                is_changed = middle.astimezone(zone).utcoffset() != offset
                early, late = (early, middle) if is_changed else (middle, late)
            return late
    return at


@settings(max_examples=200, deadline=None, database=None)
@example(datetime(2029, 9, 1, tzinfo=UTC), 0, "Pacific/Chatham", True)  # an hour of fifteen minutes
@given(
    began=MOMENTS,
    seconds=st.integers(-7_200, 7_200),
    name=st.sampled_from(ZONES) | st.sampled_from(sorted(available_timezones())),
    is_near=st.booleans(),
)
def test_any_moment_in_any_zone_belongs_to_its_hour_and_day(
    began: datetime, seconds: int, name: str, is_near: bool
) -> None:
    """Half of them within two hours of a change of clocks: others hardly ever meet one."""
    zone = ZoneInfo(name)
    at = (changed_after(began, zone) if is_near else began) + timedelta(seconds=seconds)
    hour = hour_start(at, zone)
    day = at.astimezone(zone).date()

    assert hour == slow_hour_start(at, zone)
    assert hour_start(hour, zone) == hour
    hours = hours_of(day, zone)
    assert hour in hours
    assert hours == sorted(set(hours))
    assert hours[0] == day_start(day, zone) <= at
    assert {one.astimezone(zone).date() for one in hours} == {day}


def test_a_clock_set_back_gives_the_hour_twice() -> None:
    zone = ZoneInfo("America/New_York")

    assert [f"{hour.astimezone(zone):%H %Z}" for hour in hours_of(date(2026, 11, 1), zone)[:4]] == [
        "00 EDT",
        "01 EDT",
        "01 EST",
        "02 EST",
    ]


@pytest.mark.parametrize("week_start", [0, 5, 6])
@pytest.mark.parametrize("kind", [Kind.DAY, Kind.WEEK, Kind.MONTH, Kind.YEAR])
def test_periods_tile_the_calendar(kind: Kind, week_start: int) -> None:
    now = period(kind, date(2026, 1, 1), week_start)
    for _ in range(60):
        following = now.moved(1, week_start)
        assert following.first == now.last + timedelta(days=1)
        assert following.moved(-1, week_start) == now
        assert {period(kind, day, week_start) for day in now.days()} == {now}
        assert kind is not Kind.WEEK or now.first.weekday() == week_start
        now = following


def test_a_range_is_put_in_order_and_kept_short_of_the_longest() -> None:
    assert stretch(date(2026, 5, 3), date(2026, 5, 1)) == Period(
        Kind.RANGE, date(2026, 5, 1), date(2026, 5, 3)
    )
    assert stretch(date(2001, 1, 1), date(2026, 5, 1)).last == date(2026, 5, 1)
    assert len(stretch(date(2001, 1, 1), date(2026, 5, 1)).days()) == 3 * 366


def test_a_bar_is_an_hour_a_day_or_a_month() -> None:
    day = date(2026, 5, 1)

    assert [period(kind, day, 0).unit for kind in (Kind.DAY, Kind.WEEK, Kind.MONTH, Kind.YEAR)] == [
        Unit.HOUR,
        Unit.DAY,
        Unit.DAY,
        Unit.MONTH,
    ]


def test_the_first_and_last_dates_there_are_end_the_walk() -> None:
    edge = period(Kind.DAY, date.max, 0)

    assert edge.moved(1, 0) == edge
