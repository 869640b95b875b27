"""Pages of computed rows, and the days a search asks for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from typing import Any, TypeVar

from catalog.apis.workforce.schedule import DAYS_BACK
from catalog.sandbox import Call, Refused, Reply, reply

Row = dict[str, Any]
Item = TypeVar("Item")

LONGEST = 31  # days of one search
MOST_AHEAD = 180  # days ahead that segments can be created on, and forecasts reach


def page(call: Call, found: Sequence[Item], into: str, show: Callable[[Item], Row]) -> Reply:
    """Only the rows of the page are made."""
    asked = call.query if call.body is None else call.body
    start, size = asked.get("startIndex", 0), asked.get("maxResults", 100)
    rows = [show(item) for item in found[start : start + size]]
    return reply({"totalCount": len(found), "startIndex": start, "maxResults": size, into: rows})


def asked_days(call: Call, selector: str, *, longest: int = LONGEST, name: str = "dateRange") -> list[date]:
    """The days of a selector's range, within what is kept and planned; only today where no range is given."""
    asked = call.body.get(selector, {}).get(name)
    if asked is None:
        return [call.today]
    field = f"body.{selector}.{name}.endDate"
    first, last = date.fromisoformat(asked["startDate"]), date.fromisoformat(asked["endDate"])
    if last < first:
        raise Refused(400, "invalidValue", "The range ends before it starts.", field=field)
    if (last - first).days >= longest:
        raise Refused(400, "rangeTooLong", f"Ask for at most {longest} days at once.", field=field)
    first = max(first, call.today - timedelta(days=DAYS_BACK))
    last = min(last, call.today + timedelta(days=MOST_AHEAD))
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]


def referenced(call: Call, collection: str, key: str, field: str) -> Row:
    """The row a selector names. Raises Refused for one that does not exist."""
    row = call.state.get(collection, key)
    if row is None:
        message = f"There is no {field.rpartition('.')[2].removesuffix('Id')} {key}."
        raise Refused(400, "referenceNotFound", message, field=field)
    return row
