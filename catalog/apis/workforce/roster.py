"""The schedule as it stands: what was planned, with the changes of this sandbox laid over it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from catalog.apis.workforce.schedule import Segment, planned
from catalog.sandbox import Call

Row = dict[str, Any]
Day = tuple[Row, date, list[Segment]]  # employee, nominal date, segments


class Roster:
    """Everybody's schedule during one call."""

    def __init__(self, call: Call) -> None:
        self.state = call.state
        self.today = call.today
        self.definitions = {row["code"]: row for row in call.state.all("segmentDefinitions")}
        self._accounts: dict[str, list[Row]] | None = None

    def day(self, employee: Row, day: date) -> list[Segment]:
        """The general segment first, then the details in order of time."""
        changed = self.state.get("segmentChanges", change_key(employee["id"], day))
        if changed is not None:
            return [from_row(row) for row in changed["segments"]]
        account_types = partial(self.account_types, employee["id"], day.isoformat())
        return planned(employee, day, self.today, account_types)

    def days(self, employees: Iterable[Row], days: Iterable[date]) -> Iterator[Day]:
        """Only days that have segments."""
        days = list(days)
        for employee in employees:
            for day in days:
                found = self.day(employee, day)
                if found:
                    yield employee, day, found

    def account_types(self, employee_id: str, day: str) -> frozenset[str]:
        """The kinds of time off that the employee has a valid account for."""
        if self._accounts is None:
            self._accounts = {}
            for row in self.state.all("personalAccounts"):
                self._accounts.setdefault(row["employeeId"], []).append(row)
        return frozenset(
            row["accountTypeId"]
            for row in self._accounts.get(employee_id, ())
            if row["validFrom"] <= day and (row["validTo"] is None or day <= row["validTo"])
        )


def change_key(employee_id: str, day: date) -> str:
    return f"{employee_id}/{day.isoformat()}"


def local(moment: int, zone: ZoneInfo) -> str:
    """`2026-11-02T08:00:00-05:00`"""
    return datetime.fromtimestamp(moment, zone).isoformat()


def to_row(employee: Row, day: date, segment: Segment) -> Row:
    """As the API shows it, in the employee's time zone."""
    timed, zone = segment.type == "detail", ZoneInfo(employee["timeZone"])
    return {
        "employeeId": employee["id"],
        "nominalDate": day.isoformat(),
        "type": segment.type,
        "code": segment.code,
        "startTime": local(segment.start, zone) if timed else None,
        "stopTime": local(segment.stop, zone) if timed else None,
        "memo": segment.memo,
        "version": segment.version,
    }


def from_row(row: Row) -> Segment:
    if row["type"] == "general":
        return Segment("general", row["code"], memo=row["memo"], version=row["version"])
    start, stop = (int(datetime.fromisoformat(row[name]).timestamp()) for name in ("startTime", "stopTime"))
    return Segment("detail", row["code"], start, stop, row["memo"], row["version"])
