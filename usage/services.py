"""Changes to alerts."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from apps.models import App
from portal.tenancy import audit
from portal.tenancy.models import User
from usage.models import Alert

EDITABLE = ("measure", "app", "threshold", "audience", "is_on")


@transaction.atomic
def create_alert(
    *, measure: str, app: App | None, threshold: int, audience: str, is_on: bool = True, by: User
) -> Alert:
    assert by.tenant is not None, "an operator has no alerts"
    alert = Alert.objects.create(
        tenant=by.tenant,
        measure=measure,
        app=app,
        threshold=threshold,
        audience=audience,
        is_on=is_on,
        created_by=by,
    )
    audit.record("alert.created", target=alert, by=by, tenant=by.tenant, changes={"rule": ["", str(alert)]})
    return alert


@transaction.atomic
def update_alert(*, alert: Alert, by: User, **fields: Any) -> None:
    """Changes any of EDITABLE. A changed rule ends its open alarm: what it told of no longer counts."""
    changes = {
        name: [str(getattr(alert, name)), str(fields[name])]
        for name in EDITABLE
        if name in fields and getattr(alert, name) != fields[name]
    }
    if not changes:
        return
    for name in changes:
        setattr(alert, name, fields[name])
    alert.save(update_fields=list(changes))
    if changes.keys() != {"audience"}:
        alert.alarms.filter(ended=None).delete()
    audit.record("alert.updated", target=alert, by=by, tenant=alert.tenant, changes=changes)


@transaction.atomic
def delete_alert(*, alert: Alert, by: User) -> None:
    audit.record(
        "alert.deleted", target=alert, by=by, tenant=alert.tenant, changes={"rule": [str(alert), ""]}
    )
    alert.delete()
