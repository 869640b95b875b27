"""What the portal itself needs to live: its database, Valkey, and workers that report."""

from __future__ import annotations

import time

from django.db import DatabaseError, connection

from portal import valkey
from portal.front.checks import Finding, State

HEARTBEAT = "heartbeat:workers"
EVERY = 10.0  # seconds between two signs of life
LATE, LOST = 45.0, 120.0  # seconds without one
SLOW = 0.5  # seconds for one question


def database() -> Finding:
    began = time.perf_counter()
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return Finding(State.AWAY, "Does not answer. Pages and new sign-ins wait for it.")
    return _timed(began, "Answers.")


def valkey_server() -> Finding:
    began = time.perf_counter()
    try:
        valkey.command("PING")
    except valkey.Away:
        return Finding(
            State.AWAY, "Does not answer. API calls go on; what they count is kept on disk until then."
        )
    return _timed(began, "Answers.")


def workers() -> Finding:
    """A task that the scheduler starts and a worker runs leaves its time: so all three are there."""
    seen = valkey.command("GET", HEARTBEAT)
    if seen is None:
        return Finding(State.AWAY, "No worker has reported. Mails, syncs and counting wait.")
    silent = time.time() - float(seen)
    if silent > LOST:
        return Finding(State.AWAY, "No worker has reported for minutes. Mails, syncs and counting wait.")
    if silent > LATE:
        return Finding(State.SLOW, "Workers report late. Mails, syncs and counting may take longer.")
    return Finding(State.OK, "Mails, syncs and counting are worked on.")


def beat() -> None:
    valkey.client().set(HEARTBEAT, time.time(), ex=24 * 3600)


def _timed(began: float, words: str) -> Finding:
    is_slow = time.perf_counter() - began > SLOW
    return Finding(State.SLOW, "Answers slowly.") if is_slow else Finding(State.OK, words)
