"""Reports as CSV: a small part at once, a larger one by a job that is polled."""

from __future__ import annotations

import csv
import io
from datetime import date, timedelta
from typing import Any

import orjson

from catalog.apis.calabrio_one.contacts import begun
from catalog.apis.calabrio_one.seen import Row, epoch, fresh, midnight, nothing, visible
from catalog.sandbox import Call, Refused, Reply, reply
from catalog.sandbox.jobs import Work

AT_ONCE = 200  # rows
KEPT = 3600 * 1000  # ms that data can be fetched
PERIODS = {"DAY": 1, "WEEK": 7, "MONTH": 30}
Table = list[list[str]]


def export_report(call: Call) -> Reply:
    body = call.body
    report = _report(call, body["state"]["qname"])
    if call.path["reportId"] not in (report["qname"], report["number"]):
        raise Refused(400, "invalidValue", "reportId is another report than qname.", "body.state.qname")
    filters = _filters(report, body["paramValues"]["encodedParamValues"])
    spec = {"qname": report["qname"], "filters": filters, "page": body["pageSpecification"]}
    if any(row["qname"] == report["qname"] and row["status"] == "Blacklisted" for row in _exports(call)):
        return reply({"requestId": _queued(call, spec, "Blacklisted"), "status": "Blacklisted"})
    if report["rows"] == "broken":
        return _later(call, spec)
    table = _table(call, report["rows"], filters)
    part = _part(table, spec["page"])
    return _csv(table, part) if len(part) - 1 <= AT_ONCE else _later(call, spec)


def _report(call: Call, qname: str) -> Row:
    row = call.state.get("reports", qname)
    if row is None:
        raise nothing("report", "body.state.qname")
    return row


def _exports(call: Any) -> list[Row]:
    rows: list[Row] = call.state.all("reportExports")
    return rows


def _later(call: Call, spec: Row) -> Reply:
    """The same export asked for again takes the place of one that has not begun."""
    for row in _exports(call):
        if row["status"] == "Queued" and {name: row[name] for name in spec} == spec:
            call.state.put("reportExports", {**row, "status": "Canceled"})
    key = _queued(call, spec, "Queued")
    call.state.later("run_report_export", key)
    return reply({"requestId": key, "status": "Queued"})


def _queued(call: Call, spec: Row, status: str) -> str:
    number = fresh(call, "reportExports", key="number")
    key = f"exp-{number:06d}"
    call.state.put("reportExports", {"requestId": key, "number": number, **spec, "status": status})
    return key


def run_report_export(work: Work) -> float | None:
    """A worker's two steps: under way, then the data or a failure."""
    row = work.state.get("reportExports", work.key)
    if row is None or row["status"] not in ("Queued", "Processing"):
        return None
    if work.step == 0:
        work.state.put("reportExports", {**row, "status": "Processing"})
        return 1.0
    report = work.state.get("reports", row["qname"])
    if report is None or report["rows"] == "broken":
        work.state.put("reportExports", {**row, "status": _failure(work, row)})
        return None
    table = _table(work, report["rows"], row["filters"])
    done = {"status": "Ready", "ready": epoch(work.now), "size": [len(table) - 1, len(table[0])]}
    work.state.put("reportExports", {**row, **done, "data": _text(_part(table, row["page"]))})
    return None


def _failure(work: Work, row: Row) -> str:
    """The third in a row puts the report on the list of those that are not tried again."""
    past = [one["status"] for one in _exports(work) if one["qname"] == row["qname"]]
    return "Blacklisted" if past.count("Failed") >= 2 else "Failed"


def fetch_report_export(call: Call) -> Reply:
    row = call.state.get("reportExports", call.path["requestId"])
    if row is None:
        raise nothing("export", "path.requestId")
    if row["status"] != "Ready":
        return reply({"requestId": row["requestId"], "status": row["status"]})
    if epoch(call.now) - row["ready"] > KEPT:
        return reply({"requestId": row["requestId"], "status": "Expired"})
    return _answer(row["data"], *row["size"])


def _csv(table: Table, part: Table) -> Reply:
    return _answer(_text(part), len(table) - 1, len(table[0]))


def _answer(text: str, rows: int, columns: int) -> Reply:
    headers = [
        ("Content-Type", "text/csv; charset=utf-8"),
        ("Content-Extent", f"rows={rows};columns={columns}"),
    ]
    return Reply(200, text.encode(), headers)


def _text(table: Table) -> str:
    out = io.StringIO()
    csv.writer(out).writerows(table)
    return out.getvalue()


def _part(table: Table, page: list[Row]) -> Table:
    down, across = page
    head, *rows = table
    left, right = across["offset"], across["offset"] + across["limit"]
    return [row[left:right] for row in [head, *rows[down["offset"] : down["offset"] + down["limit"]]]]


def _filters(report: Row, text: str) -> list[Row]:
    """The list in `encodedParamValues`, with single quotes or double ones. Raises Refused 400."""
    field = "body.paramValues.encodedParamValues"
    try:
        found = orjson.loads(text if '"' in text else text.replace("'", '"'))
    except orjson.JSONDecodeError:
        raise Refused(400, "invalidValue", "The filters are no JSON list.", field) from None
    if not isinstance(found, list):
        raise Refused(400, "invalidValue", "The filters are no JSON list.", field)
    for one in found:
        if not isinstance(one, dict) or not isinstance(one.get("value"), dict):
            raise Refused(400, "invalidValue", "A filter has a name and a value.", field)
        if one.get("name") not in report["parameters"]:
            known = ", ".join(report["parameters"]) or "none"
            raise Refused(400, "unknownParameter", f"The report's named parameters are: {known}.", field)
        if not _is_well_formed(one["name"], one["value"]):
            raise Refused(400, "invalidValue", f"The value of {one['name']} cannot be read.", field)
    return found


def _is_well_formed(name: str, value: Row) -> bool:
    if name != "pDate":
        return isinstance(value.get("values", []), list)
    ends = [value.get(end) for end in ("rangeStart", "rangeEnd")]
    if not all(one is None or (isinstance(one, (int, float)) and abs(one) < 1e14) for one in ends):
        return False
    if "periodType" in value:
        return str(value["periodType"]) in PERIODS and all(one is None or abs(one) < 1000 for one in ends)
    return ends[0] is not None


def _table(call: Any, kind: str, filters: list[Row]) -> Table:
    """Header and rows; `call` may be a job's Work as well."""
    if kind == "history":
        return _history(call, filters)
    teams = {row["id"]: row["name"] for row in visible(call, "teams")}
    some = [row for row in begun(call) if row["person"] and row["person"]["groupId"] in teams]
    for one in filters:
        some = [row for row in some if _passes(call, row, one)]
    if kind == "contacts":
        lines = [
            [
                str(row["id"]),
                teams[row["person"]["groupId"]],
                row["person"]["email"],
                row["ani"],
                row["dnis"],
                str(row["startTime"]),
                str(row["callDuration"] // 1000),
            ]
            for row in some
        ]
        return [["Contact", "Team", "Agent", "ANI", "DNIS", "Start", "Duration"], *lines]
    counted: Table = [["Team", "Contacts", "Average Duration"]]
    for key, name in teams.items():
        mine = [row["callDuration"] for row in some if row["person"]["groupId"] == key]
        if mine:
            counted.append([name, str(len(mine)), str(round(sum(mine) / len(mine) / 1000))])
    return counted


HISTORY = "receivedCalls handledCalls avgTalkTime avgACWTime abandonedCalls serviceLevel".split()


def _history(call: Any, filters: list[Row]) -> Table:
    """What was imported of queues, interval by interval."""
    names = {row["number"]: row["name"] for row in visible(call, "serviceQueues")}
    rows = [["Queue", "Name", "Date", "Period", *HISTORY]]
    for day in sorted(call.state.all("historicalDays"), key=lambda one: (one["date"], one["number"])):
        if day["number"] not in names or not all(_of_day(call, day["date"], one["value"]) for one in filters):
            continue
        for period, values in sorted(day["periods"].items()):
            cells = [str(values.get(name, "")) for name in HISTORY]
            rows.append([str(day["number"]), names[day["number"]], day["date"], period, *cells])
    return rows


def _of_day(call: Any, day: str, value: Row) -> bool:
    start, end = _ends(call, value)
    at = midnight(date.fromisoformat(day), call.zone)
    return bool((start is None or start <= at) and (end is None or at < end))


def _passes(call: Any, row: Row, one: Row) -> bool:
    value = one["value"]
    if one["name"] == "pTeam":
        is_all = str(value.get("isAll", "false")).lower() == "true"
        return is_all or row["person"]["groupId"] in value.get("values", [])
    start, end = _ends(call, value)
    at = row["startTime"]
    return bool((start is None or start <= at) and (end is None or at < end))


def _ends(call: Any, value: Row) -> tuple[float | None, float | None]:
    """Epoch milliseconds; with a periodType counted from now."""
    start, end = value.get("rangeStart"), value.get("rangeEnd")
    if "periodType" in value:
        length = PERIODS[str(value["periodType"])]
        start, end = (
            None if one is None else epoch(call.now + timedelta(days=length * one)) for one in (start, end)
        )
    return start, end
