"""Who calls: what was shown, kept in this process while the app's credential epoch stands."""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from apps import bearer
from apps.bearer import Bearer
from apps.errors import WrongCredentials
from apps.oauth.credentials import parse_basic
from apps.oauth.errors import ClientRefused
from catalog.gateway import gate
from catalog.gateway.entrance import Shown, invalid
from catalog.gateway.refusal import Refusal
from portal.database import with_live_connection
from portal.tenancy.models import Tenant

MOST_KEPT = 20_000


@dataclass(frozen=True, slots=True)
class Caller:
    bearer: Bearer
    zone: ZoneInfo


_kept: dict[bytes, Caller] = {}


def find(shown: Shown) -> Caller:
    """As this process knows it; `confirm` must follow. Raises Refusal 401, 429."""
    digest = _digest(shown)
    kept = _kept.get(digest)
    return kept if kept and kept.bearer.expires > time.time() else _read(shown, digest)


def confirm(shown: Shown, caller: Caller, epoch: int | None) -> Caller:
    """The caller as of now: `epoch` is the newest one known to Valkey, None to ask the database."""
    if epoch is None:
        asked = time.monotonic()
        newest = with_live_connection(lambda: bearer.epoch_of(caller.bearer.app_id))
        # A process that was stopped in between may hold a number older than the lease it would write.
        if newest is not None and time.monotonic() - asked < 1:
            gate.lease(f"app:{caller.bearer.app_id}", newest)
        epoch = newest if newest is not None else -1
    if epoch == caller.bearer.epoch:
        return caller
    return _read(shown, _digest(shown))


def _digest(shown: Shown) -> bytes:
    text = f"basic {shown.text}" if shown.is_basic else shown.text
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()


def _read(shown: Shown, digest: bytes) -> Caller:
    _kept.pop(digest, None)
    found = _client(shown.text) if shown.is_basic else with_live_connection(lambda: bearer.find(shown.text))
    if found is None:
        raise invalid()
    zone = Tenant.objects.values_list("time_zone", flat=True).get(pk=found.tenant_id)
    caller = Caller(found, ZoneInfo(zone))
    if len(_kept) >= MOST_KEPT:
        _kept.clear()
    _kept[digest] = caller
    return caller


def _client(encoded: str) -> Bearer | None:
    try:
        given = parse_basic(f"Basic {encoded}")
        return with_live_connection(lambda: bearer.find_client(given.client_id, given.secret))
    except ClientRefused:
        return None
    except WrongCredentials as wrong:
        if wrong.wait:
            raise slow_down(wrong.wait) from None
        return None


def slow_down(seconds: int) -> Refusal:
    return Refusal(
        429,
        "slowDown",
        f"Too many wrong secrets for this client. Try again in {seconds} s.",
        [("Retry-After", str(seconds))],
    )


def forget() -> None:
    """Drops every token kept; for tests."""
    _kept.clear()
