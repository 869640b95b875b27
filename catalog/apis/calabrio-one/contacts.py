"""Recorded contacts: found, shown, counted."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from catalog.apis.calabrio_one.analytics import hits
from catalog.apis.calabrio_one.seen import API_USER, Row, epoch, nothing
from catalog.sandbox import Call, Refused, Reply, reply

DEFAULT_DAYS = 60
MOST = 1000
RECENT = 15 * 60 * 1000
ZONE = "America/Chicago"
API = "/api/rest/recording"
TRUE = frozenset(["true", "1"])
COMPARE: dict[str, Callable[[str, str], bool]] = {
    "equals": lambda value, wanted: bool(_like(wanted).fullmatch(value)),
    "beginsWith": lambda value, wanted: bool(_like(wanted).match(value)),
    "endsWith": lambda value, wanted: bool(re.search(_like(wanted).pattern + r"\Z", value, re.IGNORECASE)),
    "contains": lambda value, wanted: bool(_like(wanted).search(value)),
}


def _like(pattern: str) -> re.Pattern[str]:
    """`*` for any run, `?` for one character, without regard to case."""
    known = {"*": ".*", "?": "."}
    return re.compile("".join(known.get(letter) or re.escape(letter) for letter in pattern), re.IGNORECASE)


def begun(call: Call) -> list[Row]:
    """The contacts in scope that have begun, the newest first; each with its person beside it."""
    now = epoch(call.now)
    people = {row["id"]: row for row in call.state.all("persons")}
    some = [
        {**row, "person": people.get(row["personId"])}
        for row in call.state.all("contacts")
        if row["startTime"] <= now
    ]
    seen = [row for row in some if row["person"] is None or not row["person"]["_hidden"]]
    return sorted(seen, key=lambda row: (row["startTime"], row["id"]), reverse=True)


def has_audio(row: Row) -> bool:
    """Of the seed every call that has ended; what was imported says so itself."""
    return bool(row.get("hasAudio", not row.get("inProgress") and row.get("text") is None))


def list_contacts(call: Call) -> Reply:
    first, last = _range(call)
    tests = _tests(call)
    found = [
        row for row in begun(call) if first <= row["startTime"] < last and all(test(row) for test in tests)
    ]
    return reply([shown(call, row) for row in found[:MOST]])


def _range(call: Call) -> tuple[int, int]:
    asked = call.query
    for one, needed in (("beginTime", "beginDate"), ("endTime", "endDate")):
        if one in asked and needed not in asked:
            raise Refused(400, "required", f"{one} needs {needed}.", f"query.{needed}")
    begin = asked.get("beginDate") or str(call.today - timedelta(days=DEFAULT_DAYS))
    end = asked.get("endDate")
    first = _moment(call, begin, asked.get("beginTime"))
    last = _moment(call, end, asked.get("endTime")) if end else epoch(call.now) + 1
    if end and last < first:
        raise Refused(400, "invalidValue", "The range ends before it begins.", "query.endDate")
    return first, last


def _moment(call: Call, day: str, clock: str | None) -> int:
    at = time.fromisoformat(clock) if clock else time()
    if not 1970 < int(day[:4]) < 9999:
        raise Refused(400, "invalidValue", "There are no contacts of such a day.", "query.beginDate")
    return epoch(datetime.combine(date.fromisoformat(day), at, call.zone))


Test = Callable[[Row], bool]


def _tests(call: Call) -> list[Test]:
    asked = call.query
    made: list[Test] = []
    for name in ("ani", "dnis", "line"):
        if name in asked:
            made.append(_any(asked[name], [name]))
    if "number" in asked:
        made.append(_any(asked["number"], ["ani", "dnis", "line"]))
    for name in ("firstName", "lastName"):
        if name in asked:
            made.append(_of_person(name, [asked[name]] if isinstance(asked[name], str) else asked[name]))
    for name, path in (("agent", "id"), ("team", "groupId")):
        if name in asked:
            made.append(lambda row, w=asked[name], p=path: bool(row["person"]) and row["person"][p] == w)  # type: ignore[misc]
    if "group" in asked:
        teams = {row["id"] for row in call.state.all("teams") if row["parentGroupId"] == asked["group"]}
        made.append(lambda row: bool(row["person"]) and row["person"]["groupId"] in teams)
    if "assocCallId" in asked:
        made.append(lambda row: str(row["assocCallId"] or "") == asked["assocCallId"])
    if "metadata" in asked:
        made.append(_with_field(asked["metadata"]))
    made += _flags(asked)
    made += _events(asked, "silences", "silence") + _events(asked, "talkOvers", "talkOver")
    return made


def _any(patterns: Sequence[str], names: Sequence[str]) -> Test:
    likes = [_like(one) for one in patterns]
    return lambda row: any(like.fullmatch(row[name]) for like in likes for name in names)


def _of_person(name: str, patterns: Sequence[str]) -> Test:
    likes = [_like(one) for one in patterns]
    return lambda row: bool(row["person"]) and any(like.fullmatch(row["person"][name]) for like in likes)


def _with_field(wanted: Sequence[str]) -> Test:
    """`key`, or `key~operator~value`; the key is that of the field exactly. Raises Refused 400."""
    made: list[Test] = []
    for text in wanted:
        key, operator, value = (*text.split("~", 2), None, None)[:3]
        if operator is None:
            made.append(lambda row, k=key: k in row["fields"])  # type: ignore[misc]
            continue
        compare = COMPARE.get(operator)
        if compare is None or value is None:
            message = f"Write key~operator~value with one of {', '.join(COMPARE)}."
            raise Refused(400, "invalidValue", message, "query.metadata")
        made.append(lambda row, k=key, c=compare, v=value: k in row["fields"] and c(row["fields"][k], v))  # type: ignore[misc]
    return lambda row: any(test(row) for test in made)


def _flags(asked: Row) -> list[Test]:
    facts: dict[str, Callable[[Row], bool]] = {
        "canEvaluate": lambda row: row["score"] is None and not row.get("inProgress"),
        "hasRecording": lambda row: has_audio(row) or (row["hasScreen"] and not row.get("inProgress")),
        "hr": lambda row: False,
        "inProgress": lambda row: bool(row.get("inProgress")),
        "needsApproval": lambda row: row["score"] is not None and row["score"] < 70,
        "scored": lambda row: row["score"] is not None,
        "tagged": lambda row: bool(row["isTagged"]),
        "training": lambda row: bool(row["isTraining"]),
    }
    made: list[Test] = [
        (lambda row, f=fact, w=asked[name] in TRUE: f(row) == w)  # type: ignore[misc]
        for name, fact in facts.items()
        if name in asked
    ]
    if "type" in asked:
        made.append(lambda row: asked["type"].casefold() == "quality" and row["score"] is not None)
    return made


def _events(asked: Row, name: str, word: str) -> list[Test]:
    if f"{word}Duration" not in asked and f"{word}Events" not in asked:
        return []
    shortest, fewest = asked.get(f"{word}Duration", 0), asked.get(f"{word}Events", 1)
    return [lambda row: sum(length >= shortest for length in row[name]) >= fewest]


def one(call: Call, key: Any, field: str) -> Row:
    row = next((row for row in begun(call) if str(row["id"]) == str(key)), None)
    if row is None:
        raise nothing("contact", field)
    return row


def get_contact(call: Call) -> Reply:
    return reply(shown(call, one(call, call.path["id"], "path.id")))


def _link(person: Row) -> Row:
    return {
        "lastName": person["lastName"],
        "firstName": person["firstName"],
        "username": person["email"].partition("@")[0],
        "$ref": f"{API}/person/{person['id']}",
        "displayId": f"0.{person['id']}",
    }


def shown(call: Call, row: Row) -> Row:
    here = f"{API}/contact/{row['id']}"
    found = {
        "id": row["id"],
        "hr": False,
        "dnis": row["dnis"],
        "ani": row["ani"],
        "callDuration": row["callDuration"],
        "icmCallId": str(20_000_000 + row["id"]),
        "assocCallId": row["assocCallId"],
        "training": row["isTraining"],
        "startTime": row["startTime"],
        "tz": row.get("tz", ZONE),
        "recordingUrl": f"{here}/recording",
        "audioUploaded": has_audio(row),
        "screenUploaded": row["hasScreen"],
        "archiveWF": {"$ref": f"{API}/workflow/21"},
        "qualityWF": {"$ref": f"{API}/workflow/22"},
        "metadata": {"$ref": f"{here}/metadata/"},
    }
    if row["person"]:
        found |= _places(call, row["person"])
    if row["score"] is not None:
        user = call.state.get("persons", str(API_USER))
        found |= {
            "evalForm": {"name": "Care QA", "$ref": f"{API}/evalform/5"},
            "evaluation": {"stateId": 1, "score": row["score"], "$ref": f"{here}/eval/1"},
            "qualityReason": {"text": "Long Call", "reasonId": 3, "key": "rec_reason_what_long"},
        } | ({"evaluator": _link(user)} if user else {})
    if row["isTagged"]:
        found["qualityReason"] = {"text": "Tagged", "reasonId": 5, "key": "rec_reason_what_tagged"}
        found |= _form(call, row)
    return found | _expanded(call.query, row)


def _form(call: Call, row: Row) -> Row:
    """The evaluation form that an imported text chose, once the contact is kept for quality."""
    form = call.state.get("evaluationForms", str(row.get("form")))
    return {"evalForm": {"name": form["name"], "$ref": f"{API}/evalform/{form['id']}"}} if form else {}


def _places(call: Call, person: Row) -> Row:
    found: Row = {"agent": _link(person)}
    team = call.state.get("teams", str(person["groupId"]))
    if team:
        found["team"] = {
            "name": team["name"],
            "$ref": f"{API}/team/{team['id']}",
            "displayId": f"0.{team['id']}",
        }
        group = call.state.get("groups", str(team["parentGroupId"]))
        if group:
            found["group"] = {"name": group["name"], "$ref": f"{API}/group/{group['id']}"}
    return found


def _expanded(asked: Row, row: Row) -> Row:
    wanted, left = asked.get("expand", ""), asked.get("exclude", "")
    found: Row = {}
    if wanted == "event" and left != "event":
        at, events = 0, []
        for name, kind in (("silences", "silence"), ("talkOvers", "talkOver")):
            for length in row[name]:
                events.append({"type": kind, "start": at, "duration": length})
                at += length + 5000
        found["event"] = events
    if wanted.startswith("metadata") and left != "metadata":
        key = wanted.partition(".")[2]
        fields = {name: value for name, value in row["fields"].items() if not key or name == key}
        fields.pop(left.partition(".")[2], None)
        found["metadata"] = fields
    return found


def find_newest_contact(call: Call) -> Reply:
    asked, tests = call.query, []
    tests += [_any([asked[name]], [name]) for name in ("ani", "dnis") if name in asked]
    tests += [_of_person(name, [asked[name]]) for name in ("firstName", "lastName") if name in asked]
    if "username" in asked:
        tests.append(_of_person("email", [asked["username"]]))
    row = next((row for row in begun(call) if all(test(row) for test in tests)), None)
    if row is None:
        raise nothing("contact", "query")
    person, is_complete = row["person"], not row.get("inProgress")
    found = {
        "id": row["id"],
        "assocCallId": "" if row["assocCallId"] is None else str(row["assocCallId"]),
        "recordingUrl": f"https://calabriocloud.com/index.html#/recordings?loadContact={row['id']}",
        "isComplete": is_complete,
        "startTime": row["startTime"],
        "agent": None,
    }
    if is_complete:
        found["callDuration"] = row["callDuration"]
    if person:
        names = {"displayId": f"{person['firstName']} {person['lastName']}", "username": person["email"]}
        found["agent"] = {**_link(person), **names}
    return reply(found)


def count_recent_contacts(call: Call) -> Reply:
    first = epoch(call.now) - RECENT
    some = [row for row in begun(call) if row["startTime"] >= first]
    counts = {
        "total": str(len(some)),
        "totalWithAudio": sum(has_audio(row) or bool(row.get("inProgress")) for row in some),
        "totalWithVideo": sum(row["hasScreen"] for row in some),
    }
    return reply({"contacts": counts})


def _ccrid(call: Call) -> int:
    found = call.query.get("ccrid", call.query.get("CCRID"))
    if found is None:
        raise Refused(400, "required", "The query parameter ccrid is required.", "query.ccrid")
    return int(found)


SAID = (
    (0, "Thank you for calling, how can I help?"),
    (1, "I want to close my account."),
    (0, "I am sorry to hear that. May I ask why?"),
    (1, "I am still waiting for my refund."),
    (0, "Let me look into that for you."),
)


def _spoken(row: Row) -> list[Row]:
    turn = max(1000, row["callDuration"] // len(SAID))
    return [
        {"channel": channel, "start": place * turn, "stop": (place + 1) * turn - 200, "text": text}
        for place, (channel, text) in enumerate(SAID)
    ]


def get_transcript(call: Call) -> Reply:
    row = one(call, call.body["ccrid"], "body.ccrid")
    if row.get("text") is not None:
        raise nothing("call", "body.ccrid")
    asked = call.body["isRootRecording"]
    return reply({"ccrid": row["id"], "isRootRecording": asked, "utterances": _spoken(row)})


def _whose(call: Call, row: Row) -> Row:
    places = _places(call, row["person"]) if row["person"] else {}
    names = {name: (row["person"] or {}).get(name, "") for name in ("firstName", "lastName")}
    return names | {name: places.get(name, {}).get("name", "") for name in ("team", "group")}


def get_speech_hits(call: Call) -> Reply:
    row = one(call, _ccrid(call), "query.ccrid")
    if row.get("text") is not None:
        raise nothing("call", "query.ccrid")
    heard = [
        {
            "phrase": hit["phrase"],
            "start": turn["start"] + hit["position"] * 60,
            "stop": turn["start"] + (hit["position"] + hit["length"]) * 60,
            "audit": 0,
            "confidence": 81,
            "channel": turn["channel"],
            "category": hit["category"],
        }
        for turn in _spoken(row)
        for hit in hits(call, turn["text"])
    ]
    key = f"0.{row['personId']}" if row["personId"] else ""
    about = {
        "date": row["startTime"] + row["callDuration"],
        "path": "",
        "contactid": row["id"],
        "displayId": key,
    }
    return reply({**about, "hits": heard, **_whose(call, row)})


def get_text_hits(call: Call) -> Reply:
    row = one(call, _ccrid(call), "query.ccrid")
    text = row.get("text")
    if text is None:
        raise nothing("text", "query.ccrid")
    person = row["person"] or {}
    team = call.state.get("teams", str(person.get("groupId"))) or {}
    whose = _whose(call, row)
    return reply(
        {
            **whose,
            "date": row["startTime"],
            "receiver": ", ".join(row.get("receiver", ())),
            "emailBody": text,
            "subject": row.get("subject", ""),
            "groupId": team.get("parentGroupId", 0),
            "teamId": team.get("id", 0),
            "ccrId": row["id"],
            "hits": hits(call, text),
            "sender": row.get("sender", ""),
            "agentname": f"{whose['firstName']} {whose['lastName']}".strip(),
            "personId": row["personId"] or 0,
        }
    )
