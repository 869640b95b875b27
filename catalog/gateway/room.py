"""Room for everybody: one tenant's slow calls take their share of a process's threads, never all of them."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings

from portal.turn import waiting
from portal.wire import Problem

_under_way: Counter[int] = Counter()
_counting = threading.Lock()


class Place:
    """A call's place among those that wait; given back once, by `leave`."""

    def __init__(self, tenant: int) -> None:
        self._tenant, self._is_taken, self.is_kept = tenant, True, False

    def keep(self) -> Place:
        """Past the end of the block: whoever sends the rest of the answer leaves."""
        self.is_kept = True
        return self

    def leave(self) -> None:
        with _counting:
            if self._is_taken:
                self._is_taken = False
                _under_way[self._tenant] -= 1


@contextmanager
def to_wait(tenant: int) -> Iterator[Place]:
    """Around a wait on behalf of a tenant, outside this process's turn. Raises Problem 503: full."""
    most = max(1, settings.WEB_THREADS - 2)
    with _counting:
        if _under_way[tenant] >= max(1, most // 2) or _under_way.total() >= most:
            text = "Too many of your calls are waiting already. Try again in a moment."
            raise Problem(503, "Too many calls wait", text, [("Retry-After", "1")])
        _under_way[tenant] += 1
    place = Place(tenant)
    try:
        with waiting():
            yield place
    finally:
        if not place.is_kept:
            place.leave()
