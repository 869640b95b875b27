"""Commands to a recording: what is already so stays so, and answers that nothing was applied."""

from __future__ import annotations

from collections.abc import Callable

from catalog.apis.calabrio_one.contacts import begun
from catalog.apis.calabrio_one.seen import API_USER, Row, epoch, fresh, is_visible, nothing
from catalog.sandbox import Call, Refused, Reply, reply

SERVERS = ("2",)  # ids of the ACD servers that are stored
IDENTITY = frozenset("acdId acdServerId acdServerType".split())
Control = dict[str, bool | str | None]
NEW: Control = {"paused": False, "screenRecording": False, "extension": None}


def _run(call: Call, command: str) -> Reply:
    person = _person(call)
    key = str(person["id"])
    state = {"personId": person["id"], **NEW, **(call.state.get("controls", key) or {})}
    contact = _contact(call, person, command)
    applied, changed, more = COMMANDS[command](call, state, contact)
    if applied:
        call.state.put("controls", {**state, **changed})
        state = {**state, **changed}
    shown = {name: state[name] for name in ("personId", *NEW)}
    touched = contact["id"] if applied and contact and command not in DEVICE else None
    return reply({"command": command, "applied": applied, "contactId": touched, **shown, **more})


DEVICE = frozenset("login logout start_screen stop_screen".split())


def _person(call: Call) -> Row:
    """By id, domain login or e-mail address, or by the id in the ACD. Raises Refused 404, 400."""
    body = call.body or {}
    identity = _identity(body.get("metadata"))
    if identity:
        return _by_acd(call, identity)
    wanted = call.path.get("personId") or call.query.get("personId")
    if wanted is None:
        row = call.state.get("persons", str(API_USER))
        if row is None:
            raise nothing("signed-in user", "query.personId")
        return row
    known = [call.state.get("persons", wanted)]
    known += [*call.state.by("persons", "adLogin", wanted), *call.state.by("persons", "email", wanted)]
    found = next((row for row in known if row is not None and is_visible(row)), None)
    if found is None:
        raise nothing(
            "person in your scope", "path.personId" if "personId" in call.path else "query.personId"
        )
    return found


def _identity(given: object) -> Row:
    if isinstance(given, dict):
        return given
    pairs = {one["name"]: one["value"] for one in given} if isinstance(given, list) else {}
    return {name: value for name, value in pairs.items() if name in IDENTITY}


def _by_acd(call: Call, identity: Row) -> Row:
    if "acdId" not in identity or "acdServerId" not in identity:
        raise Refused(400, "required", "acdId and acdServerId go together.", "body.metadata")
    if identity["acdServerId"] not in SERVERS and "acdServerType" not in identity:
        raise Refused(
            400, "required", "This acdServerId needs its acdServerType.", "body.metadata.acdServerType"
        )
    found = call.state.by("persons", "acdId", identity["acdId"])
    row = next((row for row in found if is_visible(row)), None)
    if row is None:
        raise nothing("person in your scope", "body.metadata.acdId")
    return row


def _contact(call: Call, person: Row, command: str) -> Row | None:
    """The call that goes on; for metadata and tag else the one before, unless only an active one counts."""
    mine = [row for row in begun(call) if row["personId"] == person["id"]]
    active = next((row for row in mine if row.get("inProgress")), None)
    if active or command not in ("metadata", "tag") or call.query.get("active_call_only"):
        return active
    return mine[0] if mine else None


Outcome = tuple[bool, Control, Row]


def _put(call: Call, contact: Row, **changed: object) -> None:
    call.state.put(
        "contacts", {name: value for name, value in {**contact, **changed}.items() if name != "person"}
    )


def _login(call: Call, state: Row, contact: Row | None) -> Outcome:
    extension = (call.body or {}).get("extension")
    if not extension:
        raise Refused(400, "required", "The extension of the device is required.", "body.extension")
    for row in call.state.by("controls", "extension", extension):
        if row["personId"] != state["personId"]:
            call.state.put("controls", {**row, "extension": None})  # a device has one user at a time
    return state["extension"] != extension, {"extension": extension}, {}


def _logout(call: Call, state: Row, contact: Row | None) -> Outcome:
    extension = (call.body or {}).get("extension")
    if not extension:
        raise Refused(400, "required", "The extension of the device is required.", "body.extension")
    return state["extension"] == extension, {"extension": None}, {}


def _metadata(call: Call, state: Row, contact: Row | None) -> Outcome:
    given = (call.body or {}).get("metadata")
    pairs = given if isinstance(given, list) else []
    fields = {one["name"]: one["value"] for one in pairs if one["name"] not in IDENTITY}
    if contact is None or not fields:
        return False, {}, {}
    _put(call, contact, fields={**contact["fields"], **fields})
    return True, {}, {}


def _pause(call: Call, state: Row, contact: Row | None) -> Outcome:
    return contact is not None and not state["paused"], {"paused": True}, {}


def _resume(call: Call, state: Row, contact: Row | None) -> Outcome:
    return contact is not None and bool(state["paused"]), {"paused": False}, {}


def _segment(call: Call, state: Row, contact: Row | None) -> Outcome:
    if contact is None:
        return False, {}, {}
    key, now = fresh(call, "contacts"), epoch(call.now)
    if (call.body or {}).get("delete") == "true":
        call.state.delete("contacts", str(contact["id"]))
    else:
        _put(call, contact, inProgress=False, callDuration=max(0, now - contact["startTime"]))
    _put(call, contact, id=key, startTime=now, assocCallId=contact["assocCallId"], isTagged=False, fields={})
    return True, {"paused": False}, {"newContactId": key}


def _start_screen(call: Call, state: Row, contact: Row | None) -> Outcome:
    return not state["screenRecording"], {"screenRecording": True}, {}


def _stop_screen(call: Call, state: Row, contact: Row | None) -> Outcome:
    return bool(state["screenRecording"]), {"screenRecording": False}, {}


def _tag(call: Call, state: Row, contact: Row | None) -> Outcome:
    if contact is None:
        return False, {}, {}
    _put(call, contact, isTagged=True)
    return True, {}, {}


COMMANDS: dict[str, Callable[[Call, Row, Row | None], Outcome]] = {
    "login": _login,
    "logout": _logout,
    "metadata": _metadata,
    "pause": _pause,
    "resume": _resume,
    "segment": _segment,
    "start_screen": _start_screen,
    "stop_screen": _stop_screen,
    "tag": _tag,
}


def control_for_person(call: Call) -> Reply:
    return _run(call, call.path["command"].lower())


def _command(name: str) -> Callable[[Call], Reply]:
    return lambda call: _run(call, name)


control_login, control_logout, control_metadata = (_command(one) for one in ("login", "logout", "metadata"))
control_pause, control_resume, control_segment = (_command(one) for one in ("pause", "resume", "segment"))
control_start_screen, control_stop_screen = (_command(one) for one in ("start_screen", "stop_screen"))
control_tag = _command("tag")
