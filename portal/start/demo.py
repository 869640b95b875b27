"""A tenant to look around in: people, apps, and credentials for the first call."""

from __future__ import annotations

import json
import os
import secrets
from pathlib import Path
from typing import TypedDict

from django.conf import settings
from django.db import connections, transaction

from apps.services import create_app
from portal.tenancy.models import Region, Role, Tenant
from portal.tenancy.services import create_tenant, create_user
from usage.simulation import simulate

HISTORY = 90  # days
PEOPLE = (
    ("ada@northwind.example", "Ada", "Okafor", Role.ADMIN),
    ("dev@northwind.example", "Dev", "Patel", Role.DEVELOPER),
    ("vic@northwind.example", "Vic", "Moreau", Role.VIEWER),
)
APPS = (
    ("Quick start", "The app of the two curl lines that the first start prints."),
    ("Schedule export", "Copies next week's shifts to the intranet every night."),
    ("Payroll feed", "Hands worked hours and time off to payroll."),
    ("Team wallboard", "Shows who is on shift and who is due back."),
)


class Facts(TypedDict):
    """What the start prints. Kept in the data folder, readable by its owner only."""

    account: str
    email: str
    password: str
    client_id: str
    client_secret: str


def prepare() -> Facts | None:
    """Makes the demo tenant at the first start; None when its people have since removed it."""
    kept = Path(settings.VAR_DIR) / "demo.json"
    if kept.is_file():
        facts: Facts = json.loads(kept.read_text())
        return facts if Tenant.objects.filter(slug=facts["account"]).exists() else None
    facts = _make()
    with os.fdopen(os.open(kept, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        json.dump(facts, file)
    return facts


def bring_to_life(facts: Facts) -> None:
    """Makes up the calls of the last months, beside everything else; the newest days come first."""
    try:
        tenant = Tenant.objects.filter(slug=facts["account"]).first()
        if tenant is not None:
            simulate(tenant, days=HISTORY)
    finally:
        connections.close_all()


@transaction.atomic
def _make() -> Facts:
    Tenant.objects.filter(slug="northwind").delete()  # left by a start that was stopped half-way
    tenant = create_tenant(name="Northwind", region=Region.US, time_zone="America/New_York", by=None)
    password = "-".join(secrets.token_hex(2) for _ in range(4))
    ada, *others = [
        create_user(
            tenant=tenant,
            email=email,
            password=password if email == PEOPLE[0][0] else None,
            first_name=first,
            last_name=last,
            role=role,
            by=None,
        )
        for email, first, last, role in PEOPLE
    ]
    for other in others:  # one password for all, hashed once
        other.password = ada.password
        other.save(update_fields=["password"])
    issued, *_ = [create_app(name=name, description=description, by=ada) for name, description in APPS]
    return Facts(
        account=tenant.slug,
        email=ada.email,
        password=password,
        client_id=issued.client_id,
        client_secret=issued.secret,
    )
