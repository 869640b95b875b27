"""Slows guessing of passwords down: per person, per client address, in five-minute windows.

Tries are counted before the password is checked, so that parallel guesses cannot pass the limit.
A browser this person has signed in from before has a count of its own: guesses from elsewhere do not
lock the owner out. Without its cache this lets everybody through: sign-in outlives a lost cache.
"""

from __future__ import annotations

import hashlib
import logging
import time
from dataclasses import dataclass

from django.core.cache import cache
from redis.exceptions import RedisError

from portal.tenancy.names import fold

WINDOW = 300  # seconds
TRIES_PER_PERSON = 10
TRIES_PER_ADDRESS = 30
log = logging.getLogger(__name__)


class TooMany(Exception):
    """Raised instead of a check; `wait` is how many seconds are left of the window."""

    def __init__(self, wait: int) -> None:
        super().__init__(f"too many tries, {wait} s left")
        self.wait = wait


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try to sign in. `device` names a browser known to belong to this very person, or is empty."""

    account: str
    email: str
    address: str | None
    device: str = ""

    def person(self) -> str:
        """Stable for one person, whatever the spelling; tells nothing to a reader of the cache."""
        text = f"{fold(self.account)}\0{self.email.strip().lower()}"
        return hashlib.sha256(text.encode()).hexdigest()[:32]

    def counters(self) -> list[tuple[str, int]]:
        if self.device:
            return [(f"signin:device:{self.device}", TRIES_PER_PERSON)]
        counters = [(f"signin:person:{self.person()}", TRIES_PER_PERSON)]
        if self.address:
            counters.append((f"signin:address:{self.address}", TRIES_PER_ADDRESS))
        return counters


def count(attempt: Attempt) -> None:
    """Counts one try. Raises TooMany when the window has no more."""
    now = time.time()
    window = int(now // WINDOW)
    try:
        # Every counter moves, whichever of them is full.
        is_full = [_next(f"{key}:{window}") > limit for key, limit in attempt.counters()]
    except RedisError:
        log.warning("signin_not_counted: the cache is away")
        return
    if any(is_full):
        raise TooMany(wait=int((window + 1) * WINDOW - now) + 1)


def _next(key: str) -> int:
    cache.add(key, 0, timeout=WINDOW)
    try:
        return cache.incr(key)
    except ValueError:  # the window ended between the two commands
        return 1


def forgive(attempt: Attempt) -> None:
    """After a right password: this person's own tries are forgotten, the address keeps its count less one."""
    window = int(time.time() // WINDOW)
    own, *address = (f"{key}:{window}" for key, _ in attempt.counters())
    try:
        cache.delete(own)
        for key in address:
            cache.decr(key)
    except (RedisError, ValueError):
        return
