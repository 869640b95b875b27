"""What the signed-in user may see, and the few words that most handlers say."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from catalog.sandbox import Call, Refused

Row = dict[str, Any]

API_USER = 2  # Priya Nand, an administrator
VIEWS = (1, 2)  # hers
MAIN_VIEW = 2
FIRST_YEAR, LAST_YEAR = 2000, 2100
LATEST = 4_102_444_800_000  # the end of what can be planned, 2100
LONGEST = 31  # days of one question
NEVER = 32_503_615_200_000


def nothing(what: str, field: str) -> Refused:
    return Refused(404, "notFound", f"There is no such {what}.", field)


def found(call: Call, collection: str, key: Any, what: str, field: str) -> Row:
    """A row that the caller may see. Raises Refused 404."""
    row = call.state.get(collection, str(key))
    if row is None or not is_visible(row):
        raise nothing(what, field)
    return row


def is_visible(row: Row) -> bool:
    """In the caller's scope, and in one of their views where rows are in views."""
    return not row.get("_hidden") and ("viewIds" not in row or any(one in VIEWS for one in row["viewIds"]))


def visible(call: Call, collection: str) -> list[Row]:
    return [row for row in call.state.all(collection) if is_visible(row)]


def agents(call: Call, wanted: Sequence[int] | None = None) -> list[Row]:
    """Agents in view, each with their person beside them; only the wanted ones where some are named."""
    some = visible(call, "agents")
    if wanted is not None:
        keys = frozenset(wanted)
        some = [row for row in some if row["id"] in keys]
    return [{**row, "person": call.state.get("persons", str(row["personId"]))} for row in some]


def zone_of(call: Call, person: Row) -> ZoneInfo:
    zone = call.state.get("timeZones", str(person["timeZone"]))
    return ZoneInfo(zone["name"]) if zone else call.zone


def fresh(call: Call, *collections: str, key: str = "id") -> int:
    """The next number over collections that share their ids."""
    return 1 + max((row[key] for name in collections for row in call.state.all(name)), default=0)


def epoch(moment: datetime) -> int:
    return int(moment.timestamp()) * 1000 + moment.microsecond // 1000


def midnight(day: date, zone: ZoneInfo) -> int:
    return epoch(datetime(day.year, day.month, day.day, tzinfo=zone))


def day_of(moment: int, zone: ZoneInfo) -> date:
    return datetime.fromtimestamp(moment / 1000, UTC).astimezone(zone).date()


def days(first: str, last: str, field: str) -> list[date]:
    """The days of a range. Raises Refused 400: the wrong way round, or too many."""
    begin, end = date.fromisoformat(first), date.fromisoformat(last)
    if begin.year < FIRST_YEAR or end.year > LAST_YEAR:
        raise Refused(400, "invalidValue", f"Ask for days from {FIRST_YEAR} to {LAST_YEAR}.", field)
    if end < begin:
        raise Refused(400, "invalidValue", "The range ends before it begins.", field)
    if (end - begin).days >= LONGEST:
        raise Refused(400, "rangeTooLong", f"Ask for at most {LONGEST} days at once.", field)
    return [begin + timedelta(days=number) for number in range((end - begin).days + 1)]
