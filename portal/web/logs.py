"""One event, one line, no secrets."""

from __future__ import annotations

import logging
import re
import time
import traceback
from contextvars import ContextVar

current_request_id: ContextVar[str] = ContextVar("request_id", default="-")

# Our own secrets and tokens by their prefix, and whatever stands after the name of a scheme.
_secret = re.compile(r"\b(wdp[nst]_)[A-Za-z0-9_]+")
_credential = re.compile(r"(?i)\b((?:bearer|basic)\s+)[A-Za-z0-9._~+/=-]{8,}")
_controls = {number: f"\\x{number:02x}" for number in (*range(32), *range(127, 160), 0x2028, 0x2029)}
_controls |= {ord("\n"): "\\n", ord("\r"): "\\r", ord("\t"): "\\t"}


def masked(text: str) -> str:
    return _credential.sub(r"\1***", _secret.sub(r"\1***", text))


class Line(logging.Formatter):
    """`2026-11-22T08:15:30.123Z WARNING portal.web [01J…] message`, whatever the message holds.

    Line breaks and other control characters are escaped, so that no input can forge a line. Of an exception
    the line tells kind and place, innermost first; not its text, which can hold customers' data.
    """

    def format(self, record: logging.LogRecord) -> str:
        moment = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
        text = record.getMessage()
        if record.exc_info and record.exc_info[1]:
            text = f"{text} | {_kind_and_place(record.exc_info[1])}"
        text = masked(text).translate(_controls)
        # Django logs an answer's status outside the middleware, with the request at hand.
        number = getattr(getattr(record, "request", None), "request_id", None) or current_request_id.get()
        return f"{moment}.{int(record.msecs):03}Z {record.levelname} {record.name} [{number}] {text}"


def _kind_and_place(error: BaseException) -> str:
    """`ValueError at apps/views.py:12 create < … from KeyError at …`, with the cause after `from`."""
    frames = reversed(traceback.extract_tb(error.__traceback__)[-12:])
    place = " < ".join(f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames)
    told = f"{type(error).__qualname__} at {place}"
    cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return f"{told} from {_kind_and_place(cause)}" if cause else told
