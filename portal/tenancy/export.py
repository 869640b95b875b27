"""Everything the portal knows about a person, as plain data."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.conf import settings
from django.db.models import Model, Q
from django.utils import timezone

from portal.tenancy import personal
from portal.tenancy.models import User


def everything_about(person: User) -> dict[str, Any]:
    """Every personal column of every row that is about the person: {"tenancy.User": [{…}], …}.

    JSON types only; secrets are left out, as nobody may read them (personal.SECRET).
    """
    found: dict[str, Any] = {
        "portal": settings.PORTAL_NAME,
        "account": person.tenant.name if person.tenant else "",
        "made": timezone.now().isoformat(timespec="seconds"),
    }
    for label, lookup in personal.ROWS_OF.items():
        model: type[Model] = apps.get_model(label)
        rows = model._default_manager.filter(_about(person, lookup)).order_by("pk")
        found[label] = [_row(row, personal.PERSONAL[label]) for row in rows]
    return found


def _about(person: User, lookup: str) -> Q:
    """`lookup` names columns that hold the person, or `=email` for those that hold the address."""
    about = Q()
    for part in lookup.split():
        name, is_text, what = part.partition("=")
        if what == "ref":
            about |= Q(**{name: f"user {person.pk}"})
        else:
            about |= Q(**{name: person.email if is_text else person.pk})
    return about


def _row(row: Model, columns: str) -> dict[str, Any]:
    told = {name: _plain(getattr(row, name)) for name in columns.split()}
    return {"row": str(row._meta.verbose_name), **told}


def _plain(value: Any) -> Any:
    if isinstance(value, Model):
        return str(value)
    if value is None or isinstance(value, bool | int | float | str | list | dict):
        return value
    return value.isoformat() if hasattr(value, "isoformat") else str(value)
