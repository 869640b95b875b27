"""The table of sessions got from an API's own sign-in, of which only digests are kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import F
from django.utils import timezone

from apps.models import ApiSession
from apps.oauth.clients import Client
from apps.secrets import make
from apps.tokens import checksum
from portal.tenancy.models import Tenant


@dataclass(frozen=True, slots=True)
class Found:
    """A living session; `seconds` is how long it may be used without asking again."""

    row: dict[str, Any]
    seconds: int


def open_session(*, client: Client, api: str, scope: str, idle: int) -> str:
    """For a client that has just shown its secret. Should its credentials change meanwhile, it is dead."""
    session = make("session")
    ApiSession.objects.create(
        tenant=Tenant.objects.get(slug=client.tenant),
        app_id=client.app_id,
        digest=checksum(session),
        api=api,
        scope=scope,
        epoch=client.epoch,
        idle=idle,
        expires=_end(idle),
    )
    return session


def grain(idle: int) -> int:
    """Seconds within which calls need not be noted: a session ends at most so much late, never early."""
    return max(1, min(60, idle // 10))


def find(session: str, *columns: str) -> Found | None:
    """The columns of a living session, which this call keeps alive; None when there is none."""
    now = timezone.now()
    living = ApiSession.objects.filter(
        digest=checksum(session),
        expires__gt=now,
        epoch=F("app__credential_epoch"),
        app__deleted_at=None,
        app__tenant__is_active=True,
    )
    row = living.values("pk", "idle", *columns).first()
    if row is None:
        return None
    idle = row["idle"]
    ApiSession.objects.filter(pk=row["pk"], expires__lt=now + timedelta(seconds=idle)).update(
        expires=_end(idle)
    )
    return Found(row, grain(idle))


def _end(idle: int) -> Any:
    return timezone.now() + timedelta(seconds=idle + grain(idle))


def delete_one(session: str, *, app_id: int) -> bool:
    gone, _ = ApiSession.objects.filter(digest=checksum(session), app_id=app_id).delete()
    return gone == 1


def delete_all(app_id: int) -> None:
    ApiSession.objects.filter(app_id=app_id).delete()


def delete_expired() -> None:
    ApiSession.objects.filter(expires__lt=timezone.now()).delete()
