"""The files of a form, and the rows of a CSV file."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.parser import BytesParser
from email.policy import HTTP
from zoneinfo import ZoneInfo

from catalog.apis.calabrio_one.seen import NEVER, Row, epoch
from catalog.sandbox import Call, Refused

MOST_ROWS = 1000
ROOM = 9_000_000_000_000_000


@dataclass(frozen=True, slots=True)
class File:
    name: str  # without folders
    data: bytes


class RowFailed(Exception):
    """Fails one row of a file and leaves the others alone."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field, self.message = field, message


def parts(call: Call) -> tuple[list[File], dict[str, str]]:
    """The files and the fields of a form, whatever its parts are called. Raises Refused 400."""
    if isinstance(call.body, dict):
        return _taken(call.body)
    head, _, _ = call.body.partition(b"\r\n")
    if not head.startswith(b"--"):
        raise Refused(400, "invalidValue", "The parts of the form cannot be read.", "body")
    kind = b"Content-Type: multipart/form-data; boundary=" + head[2:].strip() + b"\r\n\r\n"
    message = BytesParser(policy=HTTP).parsebytes(kind + call.body)
    files, fields = [], {}
    for part in message.iter_parts():
        data = part.get_payload(decode=True)
        name = part.get_filename()
        if name:
            files.append(File(_plain(name), bytes(data) if isinstance(data, bytes) else b""))
        else:
            key = str(part.get_param("name", header="content-disposition"))
            fields[key] = data.decode("utf-8", "replace") if isinstance(data, bytes) else ""
    return files, fields


def _taken(body: Row) -> tuple[list[File], dict[str, str]]:
    files: list[File] = []
    fields: dict[str, str] = {}
    for name, given in body.items():
        for one in given if isinstance(given, list) else [given]:
            if hasattr(one, "data"):
                files.append(File(_plain(one.name), one.data))
            else:
                fields[name] = str(one)
    return files, fields


def _plain(name: str) -> str:
    return name.replace("\\", "/").rpartition("/")[2]


def csv_file(files: Sequence[File]) -> File:
    found = [one for one in files if one.name.lower().endswith(".csv")]
    if len(found) != 1:
        raise Refused(400, "required", "Send exactly one file whose name ends in .csv.", "body")
    return found[0]


def table(file: File) -> tuple[list[str], list[list[str]]]:
    """Header and rows. Raises Refused 400: not UTF-8, no header, too many rows."""
    try:
        text = file.data.decode("utf-8-sig")
        rows = [row for row in csv.reader(io.StringIO(text, newline="")) if row]
    except (UnicodeDecodeError, csv.Error):
        raise Refused(400, "invalidValue", f"{file.name} is no CSV file in UTF-8.", "body") from None
    if not rows:
        raise Refused(400, "required", f"{file.name} has no header.", "body")
    if len(rows) - 1 > MOST_ROWS:
        raise Refused(400, "tooMany", f"At most {MOST_ROWS} rows are taken at once.", "body")
    return [one.strip() for one in rows[0]], rows[1:]


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
