"""One chunk of agent events: CSV with a header line, every bad row named by its line."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

COLUMNS = ("agentId", "eventType", "start")
OPTIONAL = ("end", "reasonCode")
MOST_ROWS = 10_000
LONGEST = 200  # characters of a value


@dataclass(slots=True)
class Chunk:
    events: list[tuple[int, dict[str, str]]] = field(default_factory=list)  # with their lines
    faults: list[dict[str, Any]] = field(default_factory=list)

    def fault(self, line: int, name: str, message: str) -> None:
        self.faults.append({"line": line, "field": name, "message": message})


def read(text: str, event_types: frozenset[str], reason_codes: frozenset[str]) -> Chunk:
    """An empty set of codes means that any code goes."""
    chunk = Chunk()
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        names = [name.strip() for name in next(reader, [])]
        if _is_header(names, chunk):
            for values in reader:
                if values:
                    _row(reader.line_num, names, values, chunk, event_types, reason_codes)
                if len(chunk.events) > MOST_ROWS:
                    chunk.fault(reader.line_num, "", f"A chunk has at most {MOST_ROWS:,} rows.")
                    break
    except csv.Error:
        chunk.fault(reader.line_num, "", "The line is not CSV: look for an open quotation mark.")
    return chunk


def _is_header(names: list[str], chunk: Chunk) -> bool:
    for name in COLUMNS:
        if name not in names:
            chunk.fault(1, name, "The first line names the columns; this one is missing.")
    if len(set(names)) < len(names):
        chunk.fault(1, "", "The first line names a column twice.")
    return not chunk.faults


def _row(
    line: int,
    names: list[str],
    values: list[str],
    chunk: Chunk,
    event_types: frozenset[str],
    reason_codes: frozenset[str],
) -> None:
    if len(values) != len(names):
        chunk.fault(line, "", f"The line has {len(values)} values for {len(names)} columns.")
        return
    row, before = dict(zip(names, values, strict=True)), len(chunk.faults)
    for name in COLUMNS:
        if not row[name].strip():
            chunk.fault(line, name, "A value is missing.")
    for name, value in row.items():
        if len(value) > LONGEST:
            chunk.fault(line, name, f"The value is longer than {LONGEST} characters.")
    if event_types and row["eventType"] and row["eventType"] not in event_types:
        chunk.fault(line, "eventType", "No such event type was sent for this acdType.")
    if reason_codes and row.get("reasonCode") and row["reasonCode"] not in reason_codes:
        chunk.fault(line, "reasonCode", "No such reason code was sent.")
    _times(line, row, chunk)
    if len(chunk.faults) == before:
        chunk.events.append((line, {name: row[name] for name in (*COLUMNS, *OPTIONAL) if row.get(name)}))


def _times(line: int, row: dict[str, str], chunk: Chunk) -> None:
    found = {}
    for name in ("start", "end"):
        if row.get(name):
            found[name] = _moment(row[name])
            if found[name] is None:
                chunk.fault(line, name, "Not a time with its offset, such as 2026-11-03T08:00:00Z.")
    start, end = found.get("start"), found.get("end")
    if start and end and end < start:
        chunk.fault(line, "end", "The end lies before the start.")


def _moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else None
