"""Care for the database connection outside Django's request cycle."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

from django.db import InterfaceError, OperationalError, connection

T = TypeVar("T")


def with_live_connection(work: Callable[[], T]) -> T:
    """Runs `work`, once more on a new connection when the kept one turns out dead.

    Raises OperationalError or InterfaceError when the database is away; the connection is dropped then,
    so that the next call starts afresh.
    """
    _drop_if_old()
    try:
        return work()
    except (OperationalError, InterfaceError):
        was_dead = connection.connection is not None and not connection.is_usable()
        _drop()
        if not was_dead:
            raise
    try:
        return work()
    except (OperationalError, InterfaceError):
        _drop()
        raise


def _drop_if_old() -> None:
    # Django's own check would also ask the server once a call (CONN_HEALTH_CHECKS).
    if connection.close_at is not None and time.monotonic() >= connection.close_at:
        _drop()


def _drop() -> None:
    if not connection.in_atomic_block:
        connection.close()
