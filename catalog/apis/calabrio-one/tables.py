"""The rows of a CSV file, and what their cells stand for."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from catalog.apis.calabrio_one.seen import NEVER, Row, epoch
from catalog.sandbox import Refused, Upload

MOST_ROWS = 1000
ROOM = 9_000_000_000_000_000
Table = tuple[list[str], list[list[str]]]  # header and rows


class RowFailed(Exception):
    """Fails one row of a file and leaves the others alone."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field, self.message = field, message


def table(file: Upload) -> Table:
    """Raises Refused 400: not UTF-8, no header, too many rows."""
    try:
        return split(file.data.decode("utf-8-sig"), file.name)
    except UnicodeDecodeError:
        raise Refused(400, "invalidValue", f"{file.name[:100]} is no CSV file in UTF-8.", "body") from None


def split(text: str, name: str) -> Table:
    """Raises Refused 400."""
    try:
        rows = [row for row in csv.reader(io.StringIO(text, newline="")) if row]
    except csv.Error:
        raise Refused(400, "invalidValue", f"{name[:100]} is no CSV file.", "body") from None
    if not rows:
        raise Refused(400, "required", f"{name[:100]} has no header.", "body")
    too_many(len(rows) - 1)
    return [one.strip() for one in rows[0]], rows[1:]


def too_many(rows: int) -> None:
    """Raises Refused 400 where they are."""
    if rows > MOST_ROWS:
        raise Refused(400, "tooMany", f"At most {MOST_ROWS} rows are taken at once.", "body")


def check_header(head: Sequence[str], needed: Sequence[str], known: Sequence[str], prefix: str = "") -> None:
    """Raises Refused 400: columns that are missing, unknown or there twice."""
    missing = [name for name in needed if name not in head]
    strange = [name for name in head if name not in known and not (prefix and name.startswith(prefix))]
    twice = len(head) - len(set(head))
    if missing or strange or twice:
        said = [f"Missing columns: {', '.join(missing) or 'none'}"]
        said += [f"unknown: {', '.join(strange)[:200] or 'none'}", f"there twice: {twice}"]
        raise Refused(400, "wrongHeader", "; ".join(said) + ".", "body.file")


def named(head: list[str], row: list[str]) -> Row | None:
    """None for a row that is not as wide as the header."""
    return dict(zip(head, (one.strip() for one in row), strict=True)) if len(row) == len(head) else None


def day(text: str, field: str, zone: ZoneInfo, form: str = "%m/%d/%Y") -> int:
    """Epoch milliseconds of a day's begin; 12/31/2999 is never."""
    try:
        moment = datetime.strptime(text, form).replace(tzinfo=zone)
    except ValueError:
        raise RowFailed(field, "This is no day such as 07/31/2026.") from None
    return NEVER if moment.year >= 2999 else epoch(moment)


def number(text: str, field: str) -> int:
    if not text.isascii() or not text.lstrip("-").isdigit() or abs(int(text[:17])) > ROOM:
        raise RowFailed(field, "This is no whole number.")
    return int(text)


def truth(text: str, field: str) -> bool:
    if text.casefold() not in ("true", "false"):
        raise RowFailed(field, "Write True or False.")
    return text.casefold() == "true"
