"""A mergeable picture of latencies: counts in fixed buckets, about six to a factor of ten.

Buckets are columns, so that the database adds them up. The bounds never change: old rows rely on them.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence

_STEPS = (100, 150, 200, 300, 500, 700)
# Upper bounds in microseconds: 100 µs to 70 s; the last bucket takes what is slower.
BOUNDS = tuple(step * 10**power for power in range(6) for step in _STEPS)
BUCKETS = len(BOUNDS) + 1
_EDGES: tuple[float, ...] = (0.0, *map(float, BOUNDS), 2.0 * BOUNDS[-1])
COLUMNS = tuple(f"slot_{number}" for number in range(BUCKETS))


def bucket(latency_us: int) -> int:
    return bisect_left(BOUNDS, latency_us)


def quantile(counts: Sequence[int | None], share: float) -> float | None:
    """Microseconds that `share` (0 to 1) of the calls stayed within; None without calls.

    Straight between the bounds of its bucket: at most half a bucket (a fifth of the value) off.
    """
    total = sum(count or 0 for count in counts)
    if not total:
        return None
    rank = share * total
    seen = 0
    for number, count in enumerate(counts):
        if count and seen + count >= rank:
            low, high = _EDGES[number : number + 2]
            return low + (high - low) * (rank - seen) / count
        seen += count or 0
    return _EDGES[-1]
