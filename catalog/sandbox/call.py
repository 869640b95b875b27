"""What a sandbox program is given, and what it gives back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache
from typing import Any, Protocol, TypeVar
from zoneinfo import ZoneInfo

import orjson

from apps.bearer import Bearer
from portal.wire import Reply

Row = dict[str, Any]
Result = TypeVar("Result")
QUARTER = 900  # seconds: every zone's midnight falls between two of these


class State(Protocol):
    """A tenant's rows of one API, by collection. Rows are shared: copy one before changing it."""

    def all(self, collection: str) -> Sequence[Row]: ...
    def get(self, collection: str, key: str) -> Row | None: ...
    def by(self, collection: str, field: str, value: Any) -> Sequence[Row]:
        """The rows with this value at a dotted property, through lists; texts without regard to case."""

    def derived(self, name: str, make: Callable[[], Result]) -> Result:
        """What `make` works out of the rows: once, and again only after they have changed."""

    def put(self, collection: str, row: Row) -> None: ...
    def delete(self, collection: str, key: str) -> bool: ...
    def later(self, name: str, key: str, after: float = 0.0) -> None:
        """Has a worker call a function of handlers.py for the row, in so many seconds (sandbox.jobs)."""


@dataclass(frozen=True, slots=True)
class Upload:
    """A file among the parts of a form."""

    name: str
    media_type: str
    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class SignedIn:
    """What a client got for its id and secret, or has got before: a token or a session, and for how long.

    A session lasts `seconds` from its last call.
    """

    credential: str = field(repr=False)
    seconds: int
    scope: str
    is_new: bool


@dataclass(slots=True)
class Call:
    """One call that has passed every check. Times are the call's own, so that one answer has one now.

    `body` is a value (JSON, a form, the parts of a form), a text (text/…) or bytes (any other media type).
    """

    body: Any
    query: dict[str, Any]
    path: dict[str, Any]
    headers: dict[str, Any]
    state: State
    now: datetime  # UTC
    zone: ZoneInfo  # the tenant's
    request_id: str
    operation_id: str = ""
    media_type: str = ""  # of the body, without parameters
    caller: Bearer | None = None  # None where an operation asks for nothing
    signed_in: SignedIn | None = None  # on operations that sign in

    @property
    def today(self) -> date:
        """In the tenant's zone."""
        return day_in(self.zone, self.now.timestamp())


def day_in(zone: ZoneInfo, moment: float) -> date:
    """The date there, at epoch seconds."""
    return _day(zone, int(moment // QUARTER))


@lru_cache(maxsize=512)
def _day(zone: ZoneInfo, quarter: int) -> date:
    return datetime.fromtimestamp(quarter * QUARTER, zone).date()


class Refused(Exception):
    """The call is refused as a whole, in the API's own error shape; nothing it wrote stays."""

    def __init__(self, status: int, code: str, message: str, field: str | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.field = field


def reply(body: Any, status: int = 200, headers: dict[str, str] | None = None) -> Reply:
    """A JSON answer; None makes one without a body."""
    if body is None:
        return Reply(status, b"", list((headers or {}).items()))
    return Reply(status, orjson.dumps(body), [("Content-Type", "application/json"), *(headers or {}).items()])


def at(value: Any, path: Sequence[str]) -> Any:
    """What stands at a dotted path; None where a step is missing."""
    for part in path:
        if not isinstance(value, dict):
            return None
        value = value.get(part)
    return value
