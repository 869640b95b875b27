"""The audit log in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from portal.tenancy.audit import ACTIONS
from portal.tenancy.models import AuditLine, Weekday


@dataclass(frozen=True, slots=True)
class Change:
    field: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One line as a reader sees it."""

    line: AuditLine

    @property
    def what(self) -> str:
        return ACTIONS.get(self.line.action, self.line.action)

    @property
    def changes(self) -> list[Change]:
        """Fields with their old and new values; nothing for a line that tells of no field."""
        return [
            Change(field.replace("_", " "), _value(field, before), _value(field, after))
            for field, (before, after) in self.line.changes.items()
        ]


def actions() -> list[tuple[str, str]]:
    """What a reader may filter by, such as ("app.created", "Created an app")."""
    return [(name, words[0].upper() + words[1:]) for name, words in ACTIONS.items()]


def _value(field: str, value: Any) -> str:
    if field == "week_start" and value in Weekday.values:
        return str(Weekday(value).label)
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return "" if value is None else str(value)
