"""Version numbers that every process sees in time.

The truth of a stamp is a row in the database (an app's credential epoch, a sandbox's version). Valkey
repeats it for LEASE seconds only, so that a process may act on what it has cached while the number it
reads there equals the one it cached with. A number that never reached Valkey is therefore known
everywhere at the latest when the lease of the old one has run out.
"""

from __future__ import annotations

import time

from redis.exceptions import ResponseError

from portal.valkey import Away, Script

LEASE = 2.0  # seconds

# Never step back: a slow process may still publish what it read before the change.
RAISE = """
local known = tonumber(redis.call('GET', KEYS[1]) or '-1')
if tonumber(ARGV[1]) >= known then redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2]) end
return math.max(known, tonumber(ARGV[1]))
"""
_raise = Script(RAISE)


def key(subject: str) -> str:
    return "stamp:" + subject


def publish(subject: str, version: int) -> None:
    """Call after the commit. On return no process acts on an older version any more."""
    try:
        _raise([key(subject)], [version, int(LEASE * 1000)])
    except (Away, ResponseError):  # gone, or out of memory: either way nobody was told
        time.sleep(LEASE + 0.1)


def lease(subject: str, version: int) -> int:
    """Repeats what the database said just now; returns the newest number known. Raises Away."""
    return int(_raise([key(subject)], [version, int(LEASE * 1000)]))
