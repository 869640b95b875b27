"""The toolkit's table of access tokens, of which only checksums are kept.

Plain SQL where the path of a call or the number of rows makes the ORM too dear.
"""

from __future__ import annotations

import hashlib
import math
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.utils import timezone

INSERT = """
INSERT INTO oauth2_provider_accesstoken
    (token, token_checksum, application_id, expires, scope, resource, created, updated)
SELECT '', %s, id, %s, %s, '[]', %s, %s FROM apps_app
WHERE id = %s AND credential_epoch = %s AND deleted_at IS NULL
"""
# With the row held, a regeneration waits for this token and then deletes it, or we find its epoch moved on.
HOLD = " FOR SHARE"
DELETE_ALL = "DELETE FROM oauth2_provider_accesstoken WHERE application_id = %s"
DELETE_ONE = "DELETE FROM oauth2_provider_accesstoken WHERE application_id = %s AND token_checksum = %s"
DELETE_EXPIRED = """
DELETE FROM oauth2_provider_accesstoken
WHERE id IN (SELECT id FROM oauth2_provider_accesstoken WHERE expires < %s LIMIT %s{skip})
"""
SKIP = " FOR UPDATE SKIP LOCKED"  # never waits while holding rows, so it cannot deadlock with delete_all


def checksum(token: str) -> str:
    """The key that the toolkit stores a token under."""
    return hashlib.sha256(token.encode()).hexdigest()


def keep(token: str, *, app_id: int, epoch: int, scope: str, seconds: int) -> bool:
    """Stores a new token; False when the app's credentials have changed since `epoch` was read."""
    now = timezone.now()
    created, expires = _for_database(now), _for_database(now + timedelta(seconds=seconds))
    statement = INSERT + HOLD if connection.features.has_select_for_update else INSERT
    values = [checksum(token), expires, scope, created, created, app_id, epoch]
    return _run(statement, values) == 1


def delete_all(app_id: int) -> int:
    """Ends every token of the app. Call it after the epoch was raised, in the same transaction."""
    return _run(DELETE_ALL, [app_id])


def delete_one(token: str, *, app_id: int) -> None:
    _run(DELETE_ONE, [app_id, checksum(token)])


def delete_expired(*, batch: int = 2000, most: int = 200_000) -> int:
    """Sweeps in short statements, so that nobody waits long for a lock."""
    gone, now = 0, _for_database(timezone.now())
    can_skip = connection.features.has_select_for_update_skip_locked
    statement = DELETE_EXPIRED.format(skip=SKIP if can_skip else "")
    for _ in range(math.ceil(most / batch)):
        swept = _run(statement, [now, batch])
        gone += swept
        if swept < batch:
            break
    return gone


def _run(statement: str, values: list[Any]) -> int:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return int(cursor.rowcount)


def _for_database(moment: datetime) -> object:
    return connection.ops.adapt_datetimefield_value(moment)
