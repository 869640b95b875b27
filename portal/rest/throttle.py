"""How often one caller may ask the management API."""

from __future__ import annotations

from typing import Any

from redis.exceptions import ResponseError
from rest_framework.throttling import BaseThrottle

from portal.rest.caller import Caller
from portal.valkey import Away, Script

CALLS, SECONDS = 240, 60
_count = Script(
    """
local count = redis.call('INCR', KEYS[1])
if count == 1 then redis.call('PEXPIRE', KEYS[1], ARGV[1]) end
return {count, redis.call('PTTL', KEYS[1])}
"""
)


class PerCaller(BaseThrottle):
    """With Valkey away everybody is let in: nothing here is worth an outage."""

    left = 0

    def allow_request(self, request: Any, view: Any) -> bool:
        if not isinstance(request.user, Caller):
            return True
        try:
            count, self.left = _count([f"rest:{request.user.pk}"], [SECONDS * 1000])
        except (Away, ResponseError):
            return True
        return bool(count <= CALLS)

    def wait(self) -> float:
        return max(1.0, self.left / 1000)
