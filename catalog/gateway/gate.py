"""The one question a call asks Valkey: is what I know still true, and how often was this called?"""

from __future__ import annotations

import time
from dataclasses import dataclass

from redis.exceptions import ResponseError

from portal import stamps
from portal.valkey import Away, Script
from usage import recorder
from usage.plan import rate_key

# A window begins with its first call and ends `window` later: exact under any concurrency. The event is
# written only when the call is within the limit and every number equals the one the answer was made with.
ASK = """
local count = redis.call('INCR', KEYS[1])
local left
if count == 1 then
  redis.call('PEXPIRE', KEYS[1], ARGV[1])
  left = tonumber(ARGV[1])
else
  left = redis.call('PTTL', KEYS[1])
end
local known = redis.call('MGET', KEYS[2], KEYS[3], KEYS[4])
local recorded = 0
if ARGV[6] ~= '' and count <= tonumber(ARGV[2]) and known[1] == ARGV[3] and known[2] == ARGV[4]
   and (ARGV[5] == '' or known[3] == ARGV[5]) then
  recorded = redis.call('XADD', KEYS[5], '*', 'e', ARGV[6])
end
return {count, left, known[1], known[2], known[3], recorded}
"""
_ask = Script(ASK)


@dataclass(frozen=True, slots=True)
class Question:
    """Whose call, to what; `limit` calls are let through in `window` seconds.

    Where no app is known, a name for the place it comes from stands for it.
    """

    app_id: int | str
    tenant_id: int | str
    api: str
    operation: str
    window: int
    limit: int
    data: str = "sandbox"  # whose stamp is read: the tenant's sandbox, or its upstream


@dataclass(frozen=True, slots=True)
class Terms:
    """What an answer was worked out with: it may leave while these numbers stand. `event` is its metering."""

    epoch: int
    api: int
    data: int | None  # None: it used no data
    event: bytes

    def words(self) -> tuple[int, int, int | str, bytes]:
        return self.epoch, self.api, "" if self.data is None else self.data, self.event


@dataclass(slots=True)
class Pass:
    """`epoch`, `api` and `data` are the newest numbers known, None where the lease has run out."""

    count: int
    seconds_left: int
    epoch: int | None
    api: int | None
    data: int | None
    is_recorded: bool = False

    def headers(self, limit: int) -> list[tuple[str, str]]:
        return [
            ("RateLimit-Limit", str(limit)),
            ("RateLimit-Remaining", str(max(0, limit - self.count))),
            ("RateLimit-Reset", str(self.seconds_left)),
        ]


def ask(question: Question, terms: Terms | None = None) -> Pass:
    """Counts the call, reads the stamps and, on the terms, meters it: one round trip.

    With Valkey away: a count of this process, and nothing is known.
    """
    app, tenant, api = question.app_id, question.tenant_id, question.api
    try:
        count, left, epoch, version, data, recorded = _ask(
            (
                rate_key(app, api, question.operation),
                f"stamp:app:{app}",
                f"stamp:api:{api}",
                f"stamp:{question.data}:{tenant}:{api}",
                recorder.STREAM,
            ),
            (
                question.window * 1000,
                question.limit,
                *(terms.words() if terms else ("", "", "", "")),
            ),
        )
    except (Away, ResponseError):  # gone, or out of memory
        return _local(question)
    passed = Pass(count, max(1, -(-left // 1000)), _int(epoch), _int(version), _int(data))
    if recorded and terms:
        passed.is_recorded = True
        recorder.confirmed(recorded, terms.event)
    if count > question.limit:
        _exhausted[app, api, question.operation] = time.monotonic() + left / 1000
    return passed


def _int(number: bytes | None) -> int | None:
    return None if number is None else int(number)


_exhausted: dict[tuple[int | str, str, str], float] = {}


def is_exhausted(question: Question) -> bool:
    """Whether this process has seen the limit passed in the window that still runs: no work is done ahead."""
    ends = _exhausted.get((question.app_id, question.api, question.operation))
    if ends is None:
        return False
    if ends > time.monotonic():
        return True
    del _exhausted[question.app_id, question.api, question.operation]
    return False


_windows: dict[tuple[int | str, str, str], tuple[float, int]] = {}


def _local(question: Question) -> Pass:
    """Bounded while Valkey is away: at most the limit per worker and window."""
    now = time.monotonic()
    key = (question.app_id, question.api, question.operation)
    ends, count = _windows.get(key, (0.0, 0))
    if ends <= now:
        if len(_windows) > 10_000:
            _windows.clear()
        ends, count = now + question.window, 0
    _windows[key] = (ends, count + 1)
    return Pass(count + 1, max(1, int(ends - now)), None, None, None)


def lease(subject: str, version: int) -> None:
    """Repeats a number just read from the database, so that the next calls need not read it."""
    try:
        stamps.lease(subject, version)
    except (Away, ResponseError):
        return


def forget() -> None:
    """Drops the local counts; for tests."""
    _windows.clear()
    _exhausted.clear()
