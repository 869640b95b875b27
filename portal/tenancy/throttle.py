"""Slows guessing down: passwords per person and per client address, second factors per person.

Tries are counted before anything is checked, so that parallel guesses cannot pass the limit. A browser
this person has signed in from before has counts of its own: guesses from elsewhere do not lock the owner
out. Without its cache this lets everybody through: sign-in outlives a lost cache.
"""

from __future__ import annotations

import hashlib
import logging
import time
from dataclasses import dataclass

from django.core.cache import cache
from django.utils.text import slugify
from redis.exceptions import RedisError

from portal.tenancy.names import fold

SHORT, HOUR = 300, 3600  # seconds of a window
TRIES_PER_PERSON = 10
TRIES_PER_PERSON_AND_HOUR = 50  # two windows meet in any hour: at most 100 guesses are checked
TRIES_PER_ADDRESS = 30
log = logging.getLogger(__name__)


class TooMany(Exception):
    """Raised instead of a check; `wait` is how many seconds are left of the window."""

    def __init__(self, wait: int) -> None:
        super().__init__(f"too many tries, {wait} s left")
        self.wait = wait


@dataclass(frozen=True, slots=True)
class Limit:
    key: str
    tries: int
    window: int
    is_own: bool = True  # of this person, so a right answer forgets it; an address is shared by many

    def cache_key(self, now: float) -> str:
        return f"tries:{self.key}:{self.window}:{int(now // self.window)}"

    def left(self, now: float) -> int:
        return int((now // self.window + 1) * self.window - now) + 1


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try to sign in. `device` names a browser known to belong to this very person, or is empty.

    An operator has no account: theirs is empty, which no tenant's name can be.
    """

    account: str
    email: str
    address: str | None
    device: str = ""

    def person(self) -> str:
        """Stable for one person, whatever the spelling; tells nothing to a reader of the cache."""
        account = slugify(fold(self.account)) or ("?" if self.account else "")  # name or short name alike
        text = f"{account}\0{self.email.strip().lower()}"
        return hashlib.sha256(text.encode()).hexdigest()[:32]

    def limits(self) -> list[Limit]:
        owner = f"device:{self.device}" if self.device else f"person:{self.person()}"
        limits = [Limit(owner, TRIES_PER_PERSON, SHORT), Limit(owner, TRIES_PER_PERSON_AND_HOUR, HOUR)]
        if self.address and not self.device:
            limits.append(Limit(f"address:{self.address}", TRIES_PER_ADDRESS, SHORT, is_own=False))
        return limits


def factor_limits(user_pk: int) -> list[Limit]:
    """For codes of a second factor: who gets here knows the password already."""
    return [Limit(f"factor:{user_pk}", 5, SHORT), Limit(f"factor:{user_pk}", 20, HOUR)]


def count(attempt: Attempt) -> None:
    take(attempt.limits())


def forgive(attempt: Attempt) -> None:
    give_back(attempt.limits())


def take(limits: list[Limit]) -> None:
    """Counts one try. Raises TooMany when a window has no more.

    A try refused by a person's short window does not use up the hour; an address counts every try.
    """
    now = time.time()
    full: list[Limit] = []
    try:
        for limit in limits:
            if not (full and limit.is_own) and _next(limit, now) > limit.tries:
                full.append(limit)
    except RedisError:
        log.warning("tries_not_counted: the cache is away")
        return
    if full:
        raise TooMany(wait=max(limit.left(now) for limit in full))


def _next(limit: Limit, now: float) -> int:
    key = limit.cache_key(now)
    cache.add(key, 0, timeout=limit.window)
    try:
        return cache.incr(key)
    except ValueError:  # the window ended between the two commands
        return 1


def give_back(limits: list[Limit]) -> None:
    """After a right answer: this person's own tries are forgotten, an address keeps its count less one."""
    now = time.time()
    for limit in limits:
        try:
            if limit.is_own:
                cache.delete(limit.cache_key(now))
            else:
                cache.decr(limit.cache_key(now))
        except (RedisError, ValueError):
            continue
