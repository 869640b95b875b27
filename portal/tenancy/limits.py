"""How often somebody may ask for something that is not a sign-in: links guessed, mails asked for.

Counts per window in the cache; without its cache it lets everybody through.
"""

from __future__ import annotations

import hashlib
import logging
import time

from django.core.cache import cache
from redis.exceptions import RedisError

log = logging.getLogger(__name__)


def spend(kind: str, who: str | None, *, most: int, seconds: int) -> bool:
    """Counts one; False when `who` has had `most` in this window. Nobody's name is kept in the clear."""
    digest = hashlib.sha256((who or "").encode()).hexdigest()[:32]
    key = f"limit:{kind}:{digest}:{int(time.time() // seconds)}"
    try:
        cache.add(key, 0, timeout=seconds)
        return bool(cache.incr(key) <= most)
    except ValueError:  # the window ended between the two commands
        return True
    except RedisError:
        log.warning("limit_not_counted kind=%s: the cache is away", kind)
        return True


def is_spent(kind: str, who: str | None, *, most: int, seconds: int) -> bool:
    """Whether the window is full, without counting."""
    digest = hashlib.sha256((who or "").encode()).hexdigest()[:32]
    try:
        return int(cache.get(f"limit:{kind}:{digest}:{int(time.time() // seconds)}") or 0) >= most
    except RedisError:
        return False
