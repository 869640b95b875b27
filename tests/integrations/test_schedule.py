"""Planned moments on the tenant's clock, and who starts what is due."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from integrations.models import Integration, Interval, Sync
from integrations.schedule import at, first_after, next_run
from integrations.services import scheduling
from tests.integrations.conftest import work_off

ZONES = {  # the day on which clocks go forward, and the day on which they go back
    "America/New_York": (date(2027, 3, 14), date(2027, 11, 7)),
    "Europe/London": (date(2027, 3, 28), date(2027, 10, 31)),
    "Europe/Warsaw": (date(2027, 3, 28), date(2027, 10, 31)),
    "Australia/Sydney": (date(2027, 10, 3), date(2027, 4, 4)),
    "Australia/Lord_Howe": (date(2027, 10, 3), date(2027, 4, 4)),  # half an hour
    "America/Havana": (date(2027, 3, 14), date(2027, 11, 7)),  # at midnight
    "America/Santiago": (date(2027, 9, 5), date(2027, 4, 4)),  # at midnight
    "Pacific/Auckland": (date(2027, 9, 26), date(2027, 4, 4)),
}
TIMES = [time(0, 0), time(1, 30), time(2, 30), time(12, 0)]
CASES = [(zone, day, start) for zone, days in ZONES.items() for day in days for start in TIMES]


def moments(start: time, interval: int, zone: ZoneInfo, begin: datetime, end: datetime) -> list[datetime]:
    found, now = [], begin
    while (now := next_run(now, start=start, interval=interval, zone=zone, starts_at=begin)) < end:
        found.append(now)
    return found


@pytest.mark.parametrize(("zone", "day", "start"), CASES)
def test_every_local_day_has_exactly_one_daily_run(zone, day, start):
    there = ZoneInfo(zone)
    begin = at(day - timedelta(days=4), time(0), there) - timedelta(seconds=1)
    end = at(day + timedelta(days=4), time(0), there)
    days = [moment.astimezone(there).date() for moment in moments(start, Interval.DAY, there, begin, end)]

    # starts_at itself is planned too; what counts is each later day once.
    assert days[-7:] == [day + timedelta(days=n) for n in range(-3, 4)]
    assert len(set(days)) == len(days)


@pytest.mark.parametrize(("zone", "day", "start"), CASES)
def test_short_intervals_neither_stop_nor_double(zone, day, start):
    there = ZoneInfo(zone)
    begin, end = at(day - timedelta(days=1), time(0), there), at(day + timedelta(days=2), time(0), there)
    planned = moments(start, Interval.QUARTER, there, begin, end)
    gaps = {later - earlier for earlier, later in pairwise(planned[1:])}

    assert planned == sorted(set(planned))
    assert gaps == {timedelta(minutes=15)}


def test_wall_times_hold_in_both_halves_of_the_year():
    there = ZoneInfo("Europe/London")
    begin = datetime(2027, 1, 5, 6, tzinfo=there)
    for moment in moments(
        time(6), Interval.TWELVE_HOURS, there, begin.astimezone(UTC), begin + timedelta(300)
    ):
        assert moment.astimezone(there).time() in (time(6), time(18))


def test_a_skipped_time_runs_right_after_the_gap():
    assert at(date(2027, 3, 14), time(2, 30), ZoneInfo("America/New_York")) == datetime(
        2027, 3, 14, 7, tzinfo=UTC
    )


def test_a_repeated_time_runs_at_its_first_showing():
    assert at(date(2027, 11, 7), time(1, 30), ZoneInfo("America/New_York")) == datetime(
        2027, 11, 7, 5, 30, tzinfo=UTC
    )


def test_weekly_keeps_its_weekday():
    there = ZoneInfo("America/New_York")
    begin = first_after(datetime(2027, 1, 6, tzinfo=UTC), time(9), there)
    found = moments(time(9), Interval.WEEK, there, begin, begin + timedelta(days=365))

    assert len(found) == 52
    assert {(one.astimezone(there).weekday(), one.astimezone(there).hour) for one in found} == {(2, 9)}


@pytest.mark.django_db
class TestStarting:
    @pytest.fixture
    def hourly(self, ready, ada):
        scheduling.save_schedule(integration=ready, interval=60, start=time(6), by=ada)
        ready.refresh_from_db()
        return ready

    def test_the_first_run_waits_for_its_time(self, hourly):
        assert hourly.next_run_at == first_after(timezone.now(), time(6), hourly.tenant.zone)
        assert scheduling.start_due() == 0

    def test_one_planned_moment_starts_one_sync(self, hourly):
        now = hourly.next_run_at + timedelta(seconds=5)

        assert [scheduling.start_due(now) for _ in range(3)] == [1, 0, 0]
        assert Sync.objects.get().planned_at == hourly.next_run_at

    def test_a_second_scheduler_with_the_same_row_in_hand_starts_nothing(self, hourly):
        now = hourly.next_run_at + timedelta(seconds=5)
        same = Integration.objects.select_related("tenant").get()

        assert scheduling._start_one(same, now) == 1
        assert scheduling._start_one(same, now) == 0
        assert Sync.objects.count() == 1

    def test_missed_moments_are_caught_up_with_once(self, hourly):
        now = hourly.next_run_at + timedelta(hours=9, minutes=5)

        assert scheduling.start_due(now) == 1
        hourly.refresh_from_db()
        assert now < hourly.next_run_at <= now + timedelta(hours=1)

    def test_a_sync_under_way_is_not_doubled(self, hourly):
        now = hourly.next_run_at + timedelta(seconds=5)
        scheduling.start_due(now)
        assert scheduling.start_due(now + timedelta(hours=1)) == 0
        assert Sync.objects.count() == 1

    @pytest.mark.parametrize("change", [{"is_enabled": False}, {"needs_reconnect": True}, {"step": "people"}])
    def test_what_may_not_sync_is_left_alone(self, hourly, change):
        Integration.objects.update(**change)

        assert scheduling.start_due(hourly.next_run_at + timedelta(seconds=5)) == 0

    def test_a_held_run_is_not_followed_by_more(self, hourly, company, wfm):
        scheduling.start_due(hourly.next_run_at + timedelta(seconds=5))
        work_off()
        for one in company.employees[:6]:
            one["status"] = "Inactive"
        scheduling.start_due(hourly.next_run_at + timedelta(hours=1, seconds=5))
        work_off()
        assert Sync.objects.first().run.state == "held"
        assert scheduling.start_due(hourly.next_run_at + timedelta(hours=2, seconds=5)) == 0

    def test_fifty_presses_start_one_sync(self, client, ada, hourly):
        client.force_login(ada)
        answers = [client.post(f"/integrations/{hourly.pk}/sync/").status_code for _ in range(50)]

        assert answers.count(302) == 1
        assert answers.count(409) == 49
        assert Sync.objects.count() == 1
