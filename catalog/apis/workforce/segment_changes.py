"""Creating, updating and deleting segments, at once or as requests, with an audit line for every change."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from catalog.apis.workforce.answers import MOST_AHEAD
from catalog.apis.workforce.items import ItemFailed, employee_of, now
from catalog.apis.workforce.people import instant
from catalog.apis.workforce.roster import Roster, change_key, to_row
from catalog.apis.workforce.schedule import DAYS_BACK, MINUTE, Segment, is_employed
from catalog.sandbox import Call, Reply, reply

Row = dict[str, Any]

MOST_AUDITS, MOST_REQUESTS = 3_000, 1_000  # the oldest give way
LONGEST = 24 * 60 * MINUTE
BEFORE_FIRST_ID = 100_000  # ids of one length sort as text


def create_segments(call: Call) -> Reply:
    return _each(call, "create", lambda item: (item, None, item))


def update_segments(call: Call) -> Reply:
    def sides(item: Row) -> tuple[Row, Row, Row]:
        return item["updateSegment"], item["currentSegment"], item["updateSegment"]

    return _each(call, "update", sides)


def delete_segments(call: Call) -> Reply:
    return _each(call, "delete", lambda item: (item, item, None))


def _each(call: Call, kind: str, sides: Callable[[Row], tuple[Row, Row | None, Row | None]]) -> Reply:
    """`sides` takes an item apart: what names it, the segment it expects, the segment it wants."""
    book, results = _Book(call, kind, as_request=call.body.get("saveAsRequest", False)), []
    for item in call.body["segments"]:
        name, current, wanted = sides(item)
        result = {key: name[key] for key in ("employeeId", "nominalDate")}
        try:
            results.append(result | book.change(current, wanted))
        except ItemFailed as failure:
            results.append(result | {"status": "failed", "error": failure.error})
    book.forget_oldest()
    return reply({"results": results})


class _Book:
    """The schedule during one bulk change."""

    def __init__(self, call: Call, kind: str, *, as_request: bool) -> None:
        self.call, self.kind, self.as_request = call, kind, as_request
        self.roster = Roster(call)
        self.last = {name: _last_id(call, name) for name in ("segmentAudits", "segmentRequests")}

    def change(self, current: Row | None, wanted: Row | None) -> Row:
        """What the answer says about the item. Raises ItemFailed."""
        prefix = "" if current is None or wanted is None else "updateSegment."
        item = wanted or current
        assert item is not None
        employee = employee_of(self.call, item["employeeId"], prefix + "employeeId")
        day = self._day(employee, item["nominalDate"], prefix + "nominalDate")
        before = self.roster.day(employee, day)
        stored = self._stored(before, current, "currentSegment." if prefix else "") if current else None
        new = self._wanted(employee, day, wanted, prefix) if wanted else None
        if current and wanted:
            _check_pair(current, wanted)
        if stored and new:
            if stored == new._replace(version=stored.version):
                return {"status": "unchanged", "segment": to_row(employee, day, stored)}
            new = new._replace(version=stored.version + 1)
        after = self._after(before, stored, new, prefix)
        shown = new or stored
        assert shown is not None
        if self.as_request:
            return self._request(employee, day, stored, new)
        self._save(employee, day, before, after, (stored, new))
        return {"status": f"{self.kind}d", "segment": to_row(employee, day, shown)}

    def _day(self, employee: Row, text: str, field: str) -> date:
        day, today = date.fromisoformat(text), self.call.today
        if not -DAYS_BACK <= (day - today).days <= MOST_AHEAD or not is_employed(employee, text):
            message = "The day lies outside the employment, or too far away to be planned."
            raise ItemFailed("dateOutOfRange", message, field)
        return day

    def _stored(self, before: list[Segment], current: Row, prefix: str) -> Segment:
        """The stored segment that an item expects, exactly as it expects it."""
        expected = _segment(current, prefix)
        for segment in before:
            if segment.place == expected.place:
                version = current.get("version", segment.version)
                if segment != expected._replace(version=version) or version != segment.version:
                    message = f"The segment has changed. Its version is {segment.version}: search it again."
                    raise ItemFailed("versionMismatch", message, prefix + "version")
                return segment
        message = "There is no such segment on that day."
        raise ItemFailed("segmentNotFound", message, prefix + ("startTime" if expected.start else "type"))

    def _wanted(self, employee: Row, day: date, item: Row, prefix: str) -> Segment:
        """The segment an item asks for, if the employee can have it on that day."""
        definition = self.roster.definitions.get(item["code"])
        if definition is None or not definition["active"] or definition["type"] != item["type"]:
            message = f"{item['code']} is no code in use for a {item['type']} segment."
            raise ItemFailed("segmentCodeInvalid", message, prefix + "code")
        account = definition["accountTypeId"]
        held = self.roster.account_types(employee["id"], day.isoformat())
        if account is not None and account not in held:
            message = f"The employee has no account for {definition['name']} on that day."
            raise ItemFailed("personalAccountNotFound", message, prefix + "code")
        segment = _segment(item, prefix)
        if segment.type == "detail":
            _check_times(segment, day, ZoneInfo(employee["timeZone"]), prefix)
        return segment._replace(version=1)

    def _after(
        self, before: list[Segment], stored: Segment | None, new: Segment | None, prefix: str
    ) -> list[Segment]:
        """The day with one segment taken away, one laid in, or both."""
        rest = [segment for segment in before if segment != stored]
        general = next((segment for segment in rest if segment.type == "general"), None)
        if new is None:
            return rest if stored and stored.type == "detail" else []  # no details without their day
        if new.type == "general":
            if general:
                message = "The day has a general segment already. Update that one."
                raise ItemFailed("segmentExists", message, prefix + "type")
            return [new, *(rest if new.code == "SHIFT" else [])]
        if general is None or general.code != "SHIFT":
            message = "Details need a scheduled shift on that day."
            raise ItemFailed("generalSegmentMissing", message, prefix + "type")
        return [general, *_laid([one for one in rest if one.type == "detail"], new)]

    def _save(
        self, employee: Row, day: date, before: list[Segment], after: list[Segment], pair: tuple[Any, Any]
    ) -> None:
        key = change_key(employee["id"], day)
        rows = [to_row(employee, day, segment) for segment in after]
        facts = {"id": key, "employeeId": employee["id"], "nominalDate": day.isoformat()}
        self.call.state.put("segmentChanges", {**facts, "segments": rows})
        old = {one.place: one for one in before if one != pair[0]}
        fresh = {one.place: one for one in after if one != pair[1]}
        self._audit(employee, day, *pair)
        for place in sorted(old.keys() | fresh.keys()):
            if old.get(place) != fresh.get(place):
                self._audit(employee, day, old.get(place), fresh.get(place))

    def _request(self, employee: Row, day: date, stored: Segment | None, new: Segment | None) -> Row:
        """Keeps what was asked for; the schedule stays as it is."""
        key = self._next("segmentRequests")
        row = {
            "id": key,
            "action": self.kind,
            "status": "pending",
            "employeeId": employee["id"],
            "nominalDate": day.isoformat(),
            "currentSegment": stored and to_row(employee, day, stored),
            "updateSegment": new and to_row(employee, day, new),
            "requestedAt": now(self.call),
        }
        self.call.state.put("segmentRequests", row)
        self._audit(employee, day, stored, new, request=key)
        return {"status": "requested", "segmentRequestId": key}

    def _audit(
        self,
        employee: Row,
        day: date,
        before: Segment | None,
        after: Segment | None,
        request: str | None = None,
    ) -> None:
        action = "created" if before is None else "deleted" if after is None else "updated"
        row = {
            "id": self._next("segmentAudits"),
            "action": action,
            "employeeId": employee["id"],
            "nominalDate": day.isoformat(),
            "segmentBefore": before and to_row(employee, day, before),
            "segmentAfter": after and to_row(employee, day, after),
            "savedAsRequest": request is not None,
            "segmentRequestId": request,
            "changedAt": now(self.call),
            "changedBy": "api",
        }
        self.call.state.put("segmentAudits", row)

    def _next(self, collection: str) -> str:
        self.last[collection] += 1
        return str(self.last[collection])

    def forget_oldest(self) -> None:
        for collection, most in (("segmentAudits", MOST_AUDITS), ("segmentRequests", MOST_REQUESTS)):
            keys = sorted((int(row["id"]) for row in self.call.state.all(collection)), reverse=True)
            for key in keys[most:]:
                self.call.state.delete(collection, str(key))


def _check_pair(current: Row, wanted: Row) -> None:
    for name in ("employeeId", "nominalDate", "type"):
        if current[name] != wanted[name]:
            message = f"The {name} of a segment cannot change. Delete it and create another."
            raise ItemFailed("valueInvalid", message, f"updateSegment.{name}")


def _last_id(call: Call, collection: str) -> int:
    return max((int(row["id"]) for row in call.state.all(collection)), default=BEFORE_FIRST_ID)


def _segment(item: Row, prefix: str) -> Segment:
    """As sent; times at any offset. The version is looked at elsewhere."""
    start, stop = item.get("startTime"), item.get("stopTime")
    if item["type"] == "general":
        if start is not None or stop is not None:
            raise ItemFailed("valueInvalid", "A general segment has no times.", prefix + "startTime")
        return Segment("general", item["code"], memo=item.get("memo"))
    if start is None or stop is None:
        raise ItemFailed("valueInvalid", "A detail segment has both times.", prefix + "startTime")
    begin, end = instant(start, prefix + "startTime"), instant(stop, prefix + "stopTime")
    if begin.second or begin.microsecond or end.second or end.microsecond:
        raise ItemFailed("valueInvalid", "Times are whole minutes.", prefix + "startTime")
    return Segment("detail", item["code"], int(begin.timestamp()), int(end.timestamp()), item.get("memo"))


def _check_times(segment: Segment, day: date, zone: ZoneInfo, prefix: str) -> None:
    if not 0 < segment.stop - segment.start <= LONGEST:
        message = "A segment stops after it starts, and within 24 hours."
        raise ItemFailed("periodInvalid", message, prefix + "stopTime")
    midnights = [datetime.combine(day + timedelta(days=days), time(), zone).timestamp() for days in (0, 2)]
    if not midnights[0] <= segment.start < midnights[1]:
        message = "A segment starts on its nominal date, or on the next day for a night shift."
        raise ItemFailed("periodInvalid", message, prefix + "startTime")


def _laid(details: list[Segment], new: Segment) -> list[Segment]:
    """The details with room cut for a new one, in order of time."""
    result = [new]
    for one in details:
        if one.stop <= new.start or new.stop <= one.start:
            result.append(one)
            continue
        if one.start < new.start:
            result.append(one._replace(stop=new.start, version=one.version + 1))
        if new.stop < one.stop:
            result.append(one._replace(start=new.stop, version=1))
    return sorted(result, key=lambda one: one.start)
