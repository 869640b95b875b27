"""When an operation was deprecated and when it ends, from its document."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from email.utils import format_datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Lifecycle:
    is_deprecated: bool
    since: datetime | None  # x-deprecated-since
    sunset: datetime | None  # x-sunset


def lifecycle(operation: dict[str, Any]) -> Lifecycle:
    """Of an operation as its document writes it. Whatever is no date is left out."""
    since, sunset = _moment(operation.get("x-deprecated-since")), _moment(operation.get("x-sunset"))
    return Lifecycle(operation.get("deprecated") is True or since is not None, since, sunset)


def headers(operation: dict[str, Any], *, published: datetime) -> list[tuple[str, str]]:
    """What an answer of this operation carries: Deprecation (RFC 9745) and Sunset (RFC 8594).

    `published` stands in where the document says deprecated but not since when.
    """
    found = lifecycle(operation)
    if not found.is_deprecated and found.sunset is None:
        return []
    since = found.since or published
    if found.sunset is None:
        return [("Deprecation", f"@{int(since.timestamp())}")]
    since = min(since, found.sunset)  # RFC 8594's moment must not come before RFC 9745's
    return [
        ("Deprecation", f"@{int(since.timestamp())}"),
        ("Sunset", format_datetime(found.sunset.astimezone(UTC), usegmt=True)),
    ]


def _moment(value: Any) -> datetime | None:
    """A date or a date and time of the document, UTC where it names no offset."""
    try:
        if len(str(value)) <= 10:
            return datetime.combine(date.fromisoformat(str(value)), time(), UTC)
        found = datetime.fromisoformat(str(value))
        return found if found.tzinfo else found.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None
