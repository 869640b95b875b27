"""What a contact brings along from elsewhere: whose it is, when it was, its numbers and its fields."""

from __future__ import annotations

import re
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

import orjson

from catalog.apis.calabrio_one.files import ending
from catalog.apis.calabrio_one.seen import API_USER, Row, epoch, is_visible
from catalog.apis.calabrio_one.tables import RowFailed, number
from catalog.sandbox import Call, Refused, Upload

LONGEST = {  # characters
    "AgentId": 254,
    "AssocCallId": 52,
    "CallId": 128,
    "Called": 64,
    "CalledAddress": 64,
    "Calling": 64,
    "CallingAddress": 64,
    "Line": 64,
    "ClientTimeZone": 255,
}
AUDIO, SCREEN = frozenset("wav webm webma spx".split()), frozenset("webm webmv wmv".split())  # endings
LONGEST_NAME, LONGEST_VALUE, LONGEST_LOCATION = 39, 2056, 128
LATEST = 253_402_300_799_999  # ms: the last day that a date can name
OFFSET = re.compile(r"(?:UTC|GMT)?\s*(?:[+-]\d{1,2}(?::?\d{2})?)?", re.IGNORECASE)
WINDOWS = {  # the names of Windows for the zones that contact centres are mostly in
    "UTC": "UTC",
    "GMT Standard Time": "Europe/London",
    "W. Europe Standard Time": "Europe/Berlin",
    "Central Europe Standard Time": "Europe/Budapest",
    "Romance Standard Time": "Europe/Paris",
    "E. Europe Standard Time": "Europe/Chisinau",
    "Newfoundland Standard Time": "America/St_Johns",
    "Atlantic Standard Time": "America/Halifax",
    "Eastern Standard Time": "America/New_York",
    "Central Standard Time": "America/Chicago",
    "Mountain Standard Time": "America/Denver",
    "US Mountain Standard Time": "America/Phoenix",
    "Pacific Standard Time": "America/Los_Angeles",
    "Alaskan Standard Time": "America/Anchorage",
    "Hawaiian Standard Time": "Pacific/Honolulu",
    "E. South America Standard Time": "America/Sao_Paulo",
    "India Standard Time": "Asia/Kolkata",
    "Singapore Standard Time": "Asia/Singapore",
    "Tokyo Standard Time": "Asia/Tokyo",
    "AUS Eastern Standard Time": "Australia/Sydney",
    "New Zealand Standard Time": "Pacific/Auckland",
}


def parsed(file: Upload) -> Any:
    """What a JSON file holds. Raises Refused 400."""
    try:
        return orjson.loads(file.data.removeprefix(b"\xef\xbb\xbf"))
    except orjson.JSONDecodeError:
        raise Refused(400, "invalidValue", f"{file.name[:100]} is no JSON.", "body.file") from None


def from_row(row: Row) -> Row:
    """A row of a CSV file under the names that JSON has. Raises nothing: what is wrong is found later."""
    given: Row = {name: value for name, value in row.items() if value != ""}
    made = {name: value for name, value in given.items() if not name.startswith(("metadata.", "Recording"))}
    made["AgentId"] = row["AgentId"]
    if "TimeZone" in made:
        made["ClientTimeZone"] = made.pop("TimeZone")
    made["CustomMetadata"] = {
        name.removeprefix("metadata."): value for name, value in given.items() if name.startswith("metadata.")
    }
    # A first recording without a name fails the row, like one that is not there.
    audio, screen = _by_ending([row["Recording1"], *([row["Recording2"]] if row.get("Recording2") else [])])
    return made | {
        "Audio": [{"Location": name} for name in audio],
        "Screen": [{"Location": name} for name in screen],
        "Recording2Offset": given.get("Recording2Offset", "0"),
    }


def _by_ending(names: list[str]) -> tuple[list[str], list[str]]:
    """A WEBM is both, unless there is another audio file."""
    both = [name for name in names if ending(name) in AUDIO & SCREEN]
    screen = [name for name in names if ending(name) in SCREEN]
    audio = [name for name in names if name not in screen]
    return audio or both[:1], screen


def contact_of(call: Call, row: Row) -> Row:
    """Everything about the new contact but its id and its recordings. Raises RowFailed."""
    for name, most in LONGEST.items():
        value = row.get(name)
        if value is not None and (not isinstance(value, str) or len(value) > most):
            raise RowFailed(name, f"This is a text of at most {most} characters.")
    number(str(row.get("Recording2Offset", "0")), "Recording2Offset")
    start, direction = row.get("ContactStartTimeMs"), row.get("Direction")
    if direction not in (None, 0, 1, "0", "1") or isinstance(direction, bool):
        raise RowFailed("Direction", "Write 0 for outbound or 1 for inbound.")
    call_id = row.get("AssocCallId")
    return {
        "personId": person(call, row.get("AgentId")),
        "ani": row.get("Calling") or row.get("CallingAddress") or "",
        "dnis": row.get("Called") or row.get("CalledAddress") or "",
        "line": row.get("Line") or "",
        "startTime": epoch(call.now) if start is None else moment(start, "ContactStartTimeMs"),
        "assocCallId": int(call_id) if call_id and re.fullmatch(r"[0-9]{1,18}", call_id) else call_id,
        "callId": row.get("CallId"),
        "direction": None if direction is None else int(direction),
        "tz": zone(call, row.get("ClientTimeZone")),
        "fields": fields(row.get("CustomMetadata") or {}),
        "score": None,
        "isTagged": False,
        "isTraining": False,
        "silences": [],
        "talkOvers": [],
    }


def person(call: Call, given: str | None) -> int:
    """By e-mail address, domain login or id; the signed-in user where nothing is said. Raises RowFailed."""
    if given is None:
        return API_USER
    if "@" in given:
        found = list(call.state.by("persons", "email", given))
    elif "\\" in given or "/" in given:
        found = list(call.state.by("persons", "adLogin", given.replace("/", "\\")))
    else:
        one = call.state.get("persons", given)
        found = [one] if one else []
    row = next((row for row in found if is_visible(row)), None)
    if row is None:
        raise RowFailed("AgentId", "There is no such person in your scope.")
    return int(row["id"])


def moment(given: Any, field: str) -> int:
    """Epoch milliseconds, as a number or in digits. Raises RowFailed."""
    if isinstance(given, str) and re.fullmatch(r"[0-9]{1,15}", given):
        given = int(given)
    if not isinstance(given, int) or isinstance(given, bool) or not 0 <= given <= LATEST:
        raise RowFailed(field, "This is no time in epoch milliseconds.")
    return given


def zone(call: Call, given: str | None) -> str:
    """As given where it is an offset, else the name in the tz database. Raises RowFailed."""
    if not given:
        return call.zone.key
    if OFFSET.fullmatch(given):
        return given
    name = WINDOWS.get(given, given)
    if name not in available_timezones():
        raise RowFailed("ClientTimeZone", "This is no UTC offset, and no name of Windows or Olson.")
    return ZoneInfo(name).key


def fields(given: Any) -> dict[str, str]:
    """Raises RowFailed."""
    if not isinstance(given, dict):
        raise RowFailed("CustomMetadata", "This is an object of texts.")
    for name, value in given.items():
        if not 0 < len(name) <= LONGEST_NAME:
            raise RowFailed("CustomMetadata", f"A name has 1 to {LONGEST_NAME} characters.")
        if not isinstance(value, str) or len(value) > LONGEST_VALUE:
            raise RowFailed("CustomMetadata", f"A value is a text of at most {LONGEST_VALUE} characters.")
    return dict(given)


def listed(row: Row, field: str) -> list[Row]:
    """Audio or Screen: a list, or one object. Raises RowFailed."""
    given = row.get(field)
    some = given if isinstance(given, list) else [] if given is None else [given]
    for one in some:
        name = one.get("Location") if isinstance(one, dict) else None
        if not isinstance(name, str) or not 0 < len(name) <= LONGEST_LOCATION:
            raise RowFailed(field, f"A recording has a Location of 1 to {LONGEST_LOCATION} characters.")
        if one.get("StartTimeMs") is not None:
            moment(one["StartTimeMs"], f"{field}.StartTimeMs")
    return some
