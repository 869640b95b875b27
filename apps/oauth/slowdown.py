"""Wrong secrets, counted per client: a guesser is slowed down, the right secret is always let in."""

from __future__ import annotations

import hashlib

from portal.valkey import Away, Script

MOST = 20  # wrong secrets a minute
COUNT = """
local wrong = redis.call('INCR', KEYS[1])
if wrong == 1 then redis.call('PEXPIRE', KEYS[1], 60000) end
return {wrong, redis.call('PTTL', KEYS[1])}
"""
_count = Script(COUNT)


def seconds_to_wait(client_id: str) -> int:
    """Counts one wrong secret; 0 while the client may try on, and while nobody can count."""
    key = "oauth:wrong:" + hashlib.sha256(client_id.encode("utf-8", "surrogatepass")).hexdigest()[:32]
    try:
        wrong, left = _count([key], [])
    except Away:
        return 0
    return max(1, -(-int(left) // 1000)) if int(wrong) > MOST else 0
