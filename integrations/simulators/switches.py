"""Faults that a test asks a simulator for, and the ledger of what it was asked."""

from __future__ import annotations

import hashlib
import threading
import time
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass
class Fault:
    """Instead of a proper answer, the next `times` (None: all) requests whose path contains `path` get this.

    Kinds: status (with `status`, `headers`), html, redirect, truncated, reset, hang (for `seconds`), drip,
    huge, repeat (of the first page), short (a page without its last people), empty.
    """

    kind: str
    path: str = ""
    times: int | None = None
    status: int = 500
    headers: dict[str, str] = field(default_factory=dict)
    seconds: float = 10.0


@dataclass(frozen=True)
class Entry:
    """One request; of the key only a digest is kept."""

    at: float
    method: str
    path: str
    company: str
    key: str
    status: int


class Board:
    """Shared by all threads of a simulator."""

    def __init__(self, *, latency: float = 0.0) -> None:
        self._lock = threading.Lock()
        self.latency = latency
        self.wrong_domain = "404"  # 404, 401, html or 302: what an unknown company answers is not documented
        self.lock_after: int | None = None  # wrong keys, after which everybody gets 403
        self.lock_seconds = 60.0
        self._locked_until = 0.0
        self._bad_keys = 0
        self.faults: list[Fault] = []
        self.ledger: list[Entry] = []

    def fault_for(self, path: str) -> Fault | None:
        with self._lock:
            for fault in self.faults:
                if fault.path in path and fault.times != 0:
                    if fault.times is not None:
                        fault.times -= 1
                    return fault
        return None

    def is_locked(self) -> bool:
        return time.monotonic() < self._locked_until

    def note_bad_key(self) -> None:
        with self._lock:
            self._bad_keys += 1
            if self.lock_after is not None and self._bad_keys >= self.lock_after:
                self._locked_until, self._bad_keys = time.monotonic() + self.lock_seconds, 0

    def note(self, method: str, path: str, company: str, key: str, status: int) -> None:
        digest = hashlib.sha256(key.encode()).hexdigest()[:12] if key else ""
        with self._lock:
            self.ledger.append(Entry(time.time(), method, path, company, digest, status))

    def asked(self, path: str = "") -> list[Entry]:
        with self._lock:
            return [entry for entry in self.ledger if path in entry.path]

    def set(self, wanted: dict[str, Any]) -> None:
        """The same from another process, as JSON: the fields above, and faults as objects."""
        with self._lock:
            for name in ("latency", "wrong_domain", "lock_after", "lock_seconds"):
                if name in wanted:
                    setattr(self, name, wanted[name])
            if "faults" in wanted:
                self.faults = [Fault(**one) for one in wanted["faults"]]
            if wanted.get("forget"):
                self.ledger.clear()
                self._locked_until, self._bad_keys = 0.0, 0

    def dump(self) -> list[dict[str, Any]]:
        with self._lock:
            return [asdict(entry) for entry in self.ledger]
