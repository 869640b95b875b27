"""The one question a call asks Valkey: is what I know still true, and how often was this called?"""

from __future__ import annotations

import time
from dataclasses import dataclass

from portal import stamps
from portal.valkey import Away, Script

# A window begins with its first call and ends `window` seconds later: exact under any concurrency.
ASK = """
local count = redis.call('INCR', KEYS[1])
local left
if count == 1 then
  redis.call('PEXPIRE', KEYS[1], ARGV[1])
  left = tonumber(ARGV[1])
else
  left = redis.call('PTTL', KEYS[1])
end
return {count, left, redis.call('GET', KEYS[2]), redis.call('GET', KEYS[3]), redis.call('GET', KEYS[4])}
"""
_ask = Script(ASK)


@dataclass(slots=True)
class Pass:
    """`epoch`, `api` and `sandbox` are the newest numbers known, None where the lease has run out."""

    count: int
    seconds_left: int
    epoch: int | None
    api: int | None
    sandbox: int | None
    is_local: bool = False


def ask(*, app_id: int, tenant_id: int, api: str, operation: str, window: int) -> Pass:
    """Counts the call and reads the stamps, in one round trip. With Valkey away: a count of this process."""
    try:
        count, left, *numbers = _ask(
            (
                f"rate:{app_id}:{api}:{operation}",
                f"stamp:app:{app_id}",
                f"stamp:api:{api}",
                f"stamp:sandbox:{tenant_id}:{api}",
            ),
            (window * 1000,),
        )
    except Away:
        return _local(app_id, api, operation, window)
    epoch, version, sandbox = (None if number is None else int(number) for number in numbers)
    return Pass(count, max(1, -(-left // 1000)), epoch, version, sandbox)


_windows: dict[tuple[int, str, str], tuple[float, int]] = {}


def _local(app_id: int, api: str, operation: str, window: int) -> Pass:
    """Bounded while Valkey is away: at most the limit per worker and window."""
    now = time.monotonic()
    key = (app_id, api, operation)
    ends, count = _windows.get(key, (0.0, 0))
    if ends <= now:
        if len(_windows) > 10_000:
            _windows.clear()
        ends, count = now + window, 0
    _windows[key] = (ends, count + 1)
    return Pass(count + 1, max(1, int(ends - now)), None, None, None, is_local=True)


def lease(subject: str, version: int) -> None:
    """Repeats a number just read from the database, so that the next calls need not read it."""
    try:
        stamps.lease(subject, version)
    except Away:
        return


def forget() -> None:
    """Drops the local counts; for tests."""
    _windows.clear()
