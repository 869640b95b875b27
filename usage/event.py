"""One gateway call as it travels from the recorder to the roll-up: a compact JSON list."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

import orjson

from portal.ids import new_id

STREAM = "usage:calls"
EPOCH = "usage:epoch"

Environment = Literal["sandbox", "live"]


@dataclass(slots=True)
class Call:
    """One answered gateway call. `at` is the start in epoch seconds; `operation` the document's id of it."""

    at: float
    tenant_id: int
    app_id: int
    api: str
    operation: str
    environment: Environment
    method: str
    status: int
    latency_us: int
    request_bytes: int
    answer_bytes: int
    request_id: str
    id: str = ""  # given where the same call may be told twice; else made


class Event(NamedTuple):
    """A call with the id under which it is counted once, however often it arrives."""

    id: str
    at: float
    tenant_id: int
    app_id: int
    api: str
    operation: str
    environment: str
    method: str
    status: int
    latency_us: int
    request_bytes: int
    answer_bytes: int
    request_id: str


class Malformed(ValueError):
    """The text is not an event."""


def encode(call: Call) -> bytes:
    return orjson.dumps(
        [
            call.id or new_id(call.at),
            round(call.at, 6),
            call.tenant_id,
            call.app_id,
            call.api,
            call.operation,
            call.environment,
            call.method,
            call.status,
            call.latency_us,
            call.request_bytes,
            call.answer_bytes,
            call.request_id,
        ]
    )


def decode(text: bytes) -> Event:
    """Raises Malformed."""
    try:
        return checked(orjson.loads(text))
    except orjson.JSONDecodeError as error:
        raise Malformed(str(error)) from None


_KINDS = (str, float, int, int, str, str, str, str, int, int, int, int, str)


def checked(values: Any) -> Event:
    """Types and ranges, and texts clipped to what the tables hold, so that one odd event cannot stop a batch.

    Raises Malformed.
    """
    if type(values) is list and tuple(map(type, values)) == _KINDS:  # as encode() writes it
        event, at, tenant, app, *texts, status, latency, asked, answered, request = values
        api, operation, environment, method = texts
        if (
            len(event) == 26
            and 0 <= at <= 4e9
            and 0 < tenant < _MOST
            and 0 < app < _MOST
            and 0 <= status <= 999
            and 0 <= latency < 2**31
            and 0 <= asked < _MOST
            and 0 <= answered < _MOST
            and len(api) <= 60
            and len(operation) <= 160
            and len(environment) <= 10
            and len(method) <= 10
            and len(request) <= 64
            and "\0" not in f"{event}{api}{operation}{environment}{method}{request}"
        ):
            return Event._make(values)
    return _mended(values)


_MOST = 2**62


def _mended(values: Any) -> Event:
    try:
        event, at, tenant, app, *what, status, latency, asked, answered, request = values
        api, operation, environment, method = what
        if len(_text(event, 27)) != 26:
            raise Malformed("the id is no ULID")
        return Event(
            event,
            _within(float(at), 0, 4e9),
            _within(int(tenant), 1, _MOST),
            _within(int(app), 1, _MOST),
            _text(api, 60),
            _text(operation, 160),
            _text(environment, 10),
            _text(method, 10),
            _within(int(status), 0, 999),
            _within(int(latency), 0, 2**31 - 1),
            _within(int(asked), 0, _MOST),
            _within(int(answered), 0, _MOST),
            _text(request, 64),
        )
    except (ValueError, TypeError, OverflowError) as error:
        raise Malformed(str(error)) from None


def _text(value: Any, most: int) -> str:
    if not isinstance(value, str):
        raise Malformed("a text was expected")
    return value[:most].replace("\0", "")


def _within(value: Any, least: int, most: float) -> Any:
    if not least <= value <= most:
        raise Malformed(f"{value} is out of range")
    return value
