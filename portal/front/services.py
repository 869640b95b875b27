"""The operator's changes, each with its line in the audit log."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils import timezone

from portal.front.models import LegalText, Settings
from portal.front.queries import settings_row
from portal.tenancy import audit
from portal.tenancy.models import User

FIELDS = ("operator_name", "operator_address", "support_address", "catalog_is_public")


@transaction.atomic
def change_settings(*, by: User, **values: Any) -> Settings:
    row = settings_row()
    changes = {
        name: [getattr(row, name), values[name]]
        for name in FIELDS
        if name in values and values[name] != getattr(row, name)
    }
    for name, (_, value) in changes.items():
        setattr(row, name, value)
    row.save()
    if changes:
        audit.record("portal.configured", target=row, by=by, tenant=None, changes=changes)
    return row


@transaction.atomic
def change_legal(*, kind: str, text: str, by: User) -> LegalText:
    row, _ = LegalText.objects.update_or_create(kind=kind, defaults={"text": text, "changed": timezone.now()})
    audit.record("legal.changed", target=row, by=by, tenant=None)
    return row


@transaction.atomic
def forget_legal(*, row: LegalText, by: User) -> None:
    """The portal's own words stand again."""
    audit.record("legal.changed", target=row, by=by, tenant=None)
    row.delete()
