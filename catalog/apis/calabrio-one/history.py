"""Contact history of queues: rows of intervals in files, taken at once or handed on to a worker."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any

from catalog.apis.calabrio_one.files import ending, files, only
from catalog.apis.calabrio_one.mapping import mapped_rows
from catalog.apis.calabrio_one.queues import DEFAULTS
from catalog.apis.calabrio_one.seen import Row, fresh, visible
from catalog.apis.calabrio_one.tables import RowFailed, check_header, named, table, too_many
from catalog.sandbox import Call, Refused, Reply, Upload, reply
from catalog.sandbox.jobs import Work

NEEDED = "serviceNumber serviceName date period receivedCalls handledCalls avgTalkTime avgACWTime".split()
PERCENT = ["occupancyRatio", "serviceLevel"]
NUMBERS = [*NEEDED[4:], "abandonedCalls", "ASA", "contactsInQueue", "qtyOfAgents", "transferredCalls"]
COLUMNS = [*NEEDED[:4], *NUMBERS, *PERCENT]
FORMATS = ("%Y-%m-%d", "%Y/%m/%d", "%m/%d/%Y", "%d/%m/%Y")  # month first where both can be meant
FIRST_YEAR, LAST_YEAR = 1970, 2100
PERIOD = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]")
HIGHEST = 1e9


def import_history(call: Call) -> Reply:
    """For services, and for agents; those of agents are kept unread."""
    server, told = _server(call), []
    sent = files(call)
    if not sent:
        raise Refused(400, "required", "Send at least one file.", "body.file")
    for one in sent:
        if ending(one.name) == "agent":
            told.append({"file": one.name, "stored": 0, "failed": 0, "errors": []})
            _file(call, one.name, server, [], "kept", size=len(one.data))
        elif ending(one.name) in ("service", "csv"):
            good, outcome = _read(call, one.name, _rows(one))
            _file(call, one.name, server, good, "taken")
            take(call.state, server, good)
            told.append(outcome)
        else:
            message = f"{one.name[:100]} ends in none of .SERVICE, .AGENT and .csv."
            raise Refused(400, "invalidValue", message, "body.file")
    return reply({"files": told})


def upload_history(call: Call) -> Reply:
    return _hand_on(call, _rows(only(files(call), "csv")))


def import_mapped_history(call: Call) -> Reply:
    rows = mapped_rows(call, COLUMNS, tenant_needed=False)
    missing = [name for name in NEEDED if any(row is not None and name not in row for row in rows)]
    if missing:
        message = f"No column fills {', '.join(missing)}."
        raise Refused(400, "wrongMapping", message, "body.mapping.mapping")
    too_many(len(rows))
    return _hand_on(call, rows)


def _hand_on(call: Call, rows: Sequence[Row | None]) -> Reply:
    """Checked now; a worker takes what is right."""
    server = _server(call)
    good, outcome = _read(call, f"{call.now:%Y%m%d%H%M%S}_ServiceHistorical.SERVICE", rows)
    call.state.later("take_history", str(_file(call, outcome["file"], server, good, "waiting")))
    return reply({"files": [outcome]})


def take_history(work: Work) -> float | None:
    file = work.state.get("historicalFiles", work.key)
    if file is not None and file["state"] == "waiting":
        take(work.state, file["server"], file["rows"])
        work.state.put("historicalFiles", {**file, "state": "taken", "rows": []})
    return None


def _server(call: Call) -> str:
    """Raises Refused 400."""
    known = {str({**DEFAULTS, **row}["acdServerId"]) for row in visible(call, "serviceQueues")}
    server = str(call.query["acdServerId"])
    if server not in known:
        raise Refused(400, "referenceNotFound", "There is no such ACD server.", "query.acdServerId")
    return server


def _file(call: Call, name: str, server: str, rows: list[Row], state: str, size: int = 0) -> int:
    key = fresh(call, "historicalFiles")
    kept = rows if state == "waiting" else []
    call.state.put(
        "historicalFiles",
        {"id": key, "name": name, "server": server, "rows": kept, "state": state, "size": size},
    )
    return key


def take(state: Any, server: str, rows: Sequence[Row]) -> None:
    """A later row for the same queue and interval replaces an earlier one."""
    for row in rows:
        key = f"{server} {row['number']} {row['date']}"
        day = state.get("historicalDays", key) or {
            "id": key,
            "number": row["number"],
            "date": row["date"],
            "periods": {},
        }
        state.put("historicalDays", {**day, "periods": {**day["periods"], row["period"]: row["values"]}})


def _rows(file: Upload) -> list[Row | None]:
    head, rows = table(file)
    check_header(head, NEEDED, COLUMNS)
    return [named(head, row) for row in rows]


def _read(call: Call, name: str, rows: Sequence[Row | None]) -> tuple[list[Row], Row]:
    """The rows that are right, and what became of the file."""
    queues = {row["number"]: row for row in visible(call, "serviceQueues")}
    interactive = {row["id"] for row in call.state.all("queueTypes") if row["contactType"] == 0}
    good, errors = [], []
    for place, row in enumerate(rows, 1):
        try:
            good.append(_one(call, row, queues, interactive))
        except RowFailed as failed:
            field = {"field": failed.field} if failed.field else {}
            errors.append({"row": place, **field, "message": failed.message})
    return good, {"file": name, "stored": len(good), "failed": len(errors), "errors": errors}


def _one(call: Call, row: Row | None, queues: dict[int, Row], interactive: set[int]) -> Row:
    """Raises RowFailed."""
    if row is None:
        raise RowFailed("", "The row is not as wide as the header.")
    queue = queues.get(int(_number(row["serviceNumber"], "serviceNumber")))
    if queue is None:
        raise RowFailed("serviceNumber", "No queue has this number.")
    if not row["serviceName"]:
        raise RowFailed("serviceName", "This is needed.")
    if row.get("contactsInQueue") and queue["type"] in interactive:
        raise RowFailed("contactsInQueue", "Only queues that are not interactive have this.")
    values: Row = {"abandonedCalls": 0}
    values |= {name: _number(row[name], name) for name in NUMBERS if row.get(name) or name in NEEDED}
    for name in PERCENT:
        if row.get(name):
            values[name] = _number(row[name], name)
            if values[name] > 100 or values[name] % 1:
                raise RowFailed(name, "This is a whole number from 0 to 100.")
    day, period = _when(call, row)
    return {
        "number": queue["number"],
        "date": day,
        "period": period,
        "values": values,
    }


def _number(text: str, field: str) -> float:
    try:
        value = float(text) if text.isascii() else math.nan
    except ValueError:
        value = math.nan
    if not 0 <= value <= HIGHEST:
        raise RowFailed(field, "This is no number from 0 up.")
    return int(value) if value.is_integer() else value


def _when(call: Call, row: Row) -> tuple[str, str]:
    """Day and period in the tenant's zone. Raises RowFailed."""
    day = _day(row["date"])
    if not PERIOD.fullmatch(row["period"]):
        raise RowFailed("period", "This is no time such as 09:00.")
    if call.query.get("timeZone", "TENANT") != "UTC":
        return str(day), row["period"]
    hour, minute = row["period"].split(":")
    local = datetime(day.year, day.month, day.day, int(hour), int(minute), tzinfo=UTC).astimezone(call.zone)
    return str(local.date()), f"{local:%H:%M}"


def _day(text: str) -> date:
    for form in FORMATS:
        try:
            found = datetime.strptime(text, form).date()  # noqa: DTZ007 - a day, not a moment
        except ValueError:
            continue
        if FIRST_YEAR < found.year <= LAST_YEAR:
            return found
    raise RowFailed("date", "This is no day such as 2026-07-31.")
