"""One call as it came in over WSGI."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qsl

from portal.ids import new_id
from portal.wire.reply import Problem

SMALL = 65_536  # bytes
_well_formed_id = re.compile(r"[A-Za-z0-9._-]{1,64}\Z").match


class Request:
    """A lean reading of a WSGI environ; nothing is parsed before it is asked for."""

    __slots__ = ("_body", "environ", "is_named", "method", "path", "query_string", "request_id")

    def __init__(self, environ: dict[str, Any]) -> None:
        self.environ = environ
        self.method: str = environ["REQUEST_METHOD"]
        # WSGI hands the decoded path over as Latin-1; addresses here are UTF-8.
        self.path: str = environ.get("PATH_INFO", "")
        if not self.path.isascii():
            self.path = self.path.encode("latin-1", "replace").decode("utf-8", "replace")
        self.query_string: str = environ.get("QUERY_STRING", "")
        given = environ.get("HTTP_X_REQUEST_ID", "")
        self.is_named: bool = bool(given and _well_formed_id(given))  # by the client, who may do so twice
        self.request_id: str = given if self.is_named else new_id()
        self._body: bytes | None = None

    def header(self, name: str) -> str | None:
        """By any spelling; None when absent."""
        key = name.upper().replace("-", "_")
        found = self.environ.get(key if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else "HTTP_" + key)
        return found if found is None else str(found)

    @property
    def address(self) -> str | None:
        return self.environ.get("REMOTE_ADDR") or None

    def query(self) -> list[tuple[str, str]]:
        """Pairs in order, blank values kept. Raises Problem 400 for broken percent-encoding."""
        text = self.query_string
        if not text:
            return []
        if re.search(r"%(?![0-9A-Fa-f]{2})", text):
            raise Problem(400, "Bad request", "The query string has broken percent-encoding.")
        try:
            return parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=1000)
        except ValueError:
            raise Problem(400, "Bad request", "The query string cannot be read as UTF-8 pairs.") from None

    def body(self, limit: int) -> bytes:
        """All of it, at most `limit` bytes. Raises Problem 400 (length unreadable), 413 (too large)."""
        if self._body is None:
            self._body = self._read(limit)
        return self._body

    def pass_over(self) -> None:
        """Takes a small body that nobody has read: with one left on the line, the server would hang up, and
        the client's next call on it would be lost."""
        stated = self.environ.get("CONTENT_LENGTH") or ""
        if self._body is None and stated.isascii() and stated.isdigit() and 0 < int(stated[:9]) <= SMALL:
            self.environ["wsgi.input"].read(int(stated))

    def _read(self, limit: int) -> bytes:
        stated = self.environ.get("CONTENT_LENGTH") or ""
        if stated:
            if not (stated.isascii() and stated.isdigit() and len(stated) < 16):
                raise Problem(400, "Bad request", "Content-Length is not a number.")
            if int(stated) > limit:
                raise Problem(413, "Request too large", f"At most {limit} bytes are taken here.")
            return bytes(self.environ["wsgi.input"].read(int(stated))) if stated != "0" else b""
        if "HTTP_TRANSFER_ENCODING" not in self.environ:
            return b""
        read = bytes(self.environ["wsgi.input"].read(limit + 1))
        if len(read) > limit:
            raise Problem(413, "Request too large", f"At most {limit} bytes are taken here.")
        return read
