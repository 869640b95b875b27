"""What people own, without knowing the rooms above: each registers its column when it starts.

ownership.register("apps.App", "created_by")     # in AppConfig.ready
"""

from __future__ import annotations

from dataclasses import dataclass

from django.apps import apps
from django.db.models import Model, QuerySet

from portal.tenancy.models import User

_columns: dict[tuple[str, str], None] = {}


@dataclass(frozen=True, slots=True)
class Holding:
    """How many rows of one kind somebody owns."""

    name: str
    count: int


def register(model: str, field: str) -> None:
    _columns[(model, field)] = None


def registered() -> list[tuple[str, str]]:
    return list(_columns)


def _rows(person: User) -> list[tuple[type[Model], str, QuerySet[Model]]]:
    found = []
    for label, field in _columns:
        model = apps.get_model(label)
        found.append((model, field, model._default_manager.filter(**{field: person})))
    return found


def holdings(person: User) -> list[Holding]:
    """Only kinds of which there are some."""
    counted = [(model, rows.count()) for model, _, rows in _rows(person)]
    return [
        Holding(str(model._meta.verbose_name if count == 1 else model._meta.verbose_name_plural), count)
        for model, count in counted
        if count
    ]


def hand_over(person: User, heir: User) -> int:
    """Moves everything; inside the caller's transaction. Returns how many rows."""
    return sum(rows.update(**{field: heir}) for _, field, rows in _rows(person))
