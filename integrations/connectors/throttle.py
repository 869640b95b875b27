"""Keeps all threads of one connection from asking while the provider has asked for quiet."""

from __future__ import annotations

import random
import threading
import time
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from integrations.connectors.base import Throttled

PATIENCE = 6.0  # seconds a thread waits itself; longer silences are handed to the caller
LONGEST = 900.0  # seconds of silence believed at once, whatever is asked for


class Closed(Exception):
    """The work was given up while this thread waited."""


class Throttle:
    """After a refusal nobody asks until the window ends; then one asks first, and the others follow if it
    may.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._lock = threading.Condition()
        self._closed_until = 0.0
        self._refusals = 0  # in a row
        self._is_probing = False
        self._is_given_up = False

    def enter(self) -> None:
        """Returns when a request may be sent. Raises Throttled when that would take long, or Closed."""
        with self._lock:
            while True:
                if self._is_given_up:
                    raise Closed
                left = self._closed_until - time.monotonic()
                if left > PATIENCE:
                    raise Throttled(f"{self._name} asks us to slow down.", wait=left)
                if left > 0:
                    self._lock.wait(left)
                elif self._refusals and self._is_probing:
                    self._lock.wait(1.0)
                else:
                    self._is_probing = bool(self._refusals)
                    return

    def leave(self, *, retry_after: str | None = None, was_refused: bool = False) -> None:
        """Says how the request went; `retry_after` is the header as it came."""
        with self._lock:
            self._is_probing = False
            if was_refused:
                self._refusals += 1
                wait = max(seconds(retry_after), min(2.0 ** (self._refusals - 1), LONGEST))
                until = time.monotonic() + wait * random.uniform(1.0, 1.1)  # noqa: S311 - not a secret
                self._closed_until = max(self._closed_until, until)
            else:
                self._refusals = 0
            self._lock.notify_all()

    def give_up(self) -> None:
        with self._lock:
            self._is_given_up = True
            self._lock.notify_all()


def seconds(retry_after: str | None) -> float:
    """Of a Retry-After header: seconds or an HTTP date, at most LONGEST; 0 for anything else."""
    text = (retry_after or "").strip()
    if text.isascii() and text.isdigit():
        return min(float(text[:12]), LONGEST)
    try:
        moment = parsedate_to_datetime(text)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        return min(max((moment - datetime.now(UTC)).total_seconds(), 0.0), LONGEST)
    except (ValueError, TypeError, OverflowError):
        return 0.0
