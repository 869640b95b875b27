"""One event, one line, no secrets."""
from __future__ import annotations

import logging
import re
import time
from contextvars import ContextVar

current_request_id: ContextVar[str] = ContextVar("request_id", default="-")

# Our own secrets and tokens by their prefix, and whatever stands after the name of a scheme.
_secret = re.compile(r"\b(wdp[st]_)[A-Za-z0-9_]+")
_credential = re.compile(r"(?i)\b((?:bearer|basic)\s+)[A-Za-z0-9._~+/=-]{8,}")
_controls = {number: f"\\x{number:02x}" for number in (*range(32), *range(127, 160), 0x2028, 0x2029)}
_controls |= {ord("\n"): "\\n", ord("\r"): "\\r", ord("\t"): "\\t"}


def masked(text: str) -> str:
    return _credential.sub(r"\1***", _secret.sub(r"\1***", text))


class Line(logging.Formatter):
    """`2026-11-22T08:15:30.123Z WARNING portal.web [01J…] message`, whatever the message holds.

    Line breaks and other control characters are escaped, so that no input can forge a line;
    tracebacks follow on the same line.
    """

    def format(self, record: logging.LogRecord) -> str:
        moment = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
        text = record.getMessage()
        if record.exc_info and not record.exc_text:
            record.exc_text = self.formatException(record.exc_info)
        if record.exc_text:
            text = f"{text} | {record.exc_text}"
        text = masked(text).translate(_controls)
        # Django logs an answer's status outside the middleware, with the request at hand.
        number = getattr(getattr(record, "request", None), "request_id", None) or current_request_id.get()
        return f"{moment}.{int(record.msecs):03}Z {record.levelname} {record.name} [{number}] {text}"
