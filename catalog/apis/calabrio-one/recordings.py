"""Contacts recorded elsewhere: metadata and recordings in one form, or first the one and then the other."""

from __future__ import annotations

import io
import wave
from collections.abc import Iterator, Mapping

from catalog.apis.calabrio_one.files import ending, unpacked
from catalog.apis.calabrio_one.incoming import AUDIO, SCREEN, contact_of, from_row, listed, parsed
from catalog.apis.calabrio_one.seen import Row, epoch, fresh, nothing
from catalog.apis.calabrio_one.tables import RowFailed, check_header, named, table, too_many
from catalog.sandbox import Call, Refused, Reply, Upload, reply

NEEDED = ["AgentId", "Recording1"]
COLUMNS = """AgentId ContactStartTimeMs ClientTimeZone TimeZone AssocCallId CallId CalledAddress
CallingAddress Called Calling Line Direction Recording1 Recording2 Recording2Offset""".split()
METADATA = frozenset(["csv", "json"])
FIRST_SLOT = 7001


def import_contacts(call: Call) -> Reply:
    """One form: rows of metadata, and the recordings they name."""
    sent = unpacked(call)
    strange = [name for name in sent if ending(name) not in METADATA | AUDIO | SCREEN]
    if strange:
        raise Refused(400, "invalidValue", f"{strange[0][:100]} is of a kind not taken here.", "body.file")
    recordings = {name: one for name, one in sent.items() if ending(name) not in METADATA}
    rows = [row for name, one in sent.items() if name not in recordings for row in _rows(one)]
    if not rows:
        raise Refused(400, "required", "Send metadata as CSV or JSON.", "body.file")
    too_many(len(rows))
    told, key, whose = [], fresh(call, "contacts"), dict[str, int]()
    for file, place, row in rows:
        about: Row = {"file": file, "row": place}
        try:
            contact, media = _contact(call, row, recordings)
        except RowFailed as failed:
            told.append({**about, "status": "failed", "message": _said(failed)})
            continue
        _keep(call, {**contact, "id": key, **_kept(media, recordings)})
        told.append({**about, "status": "imported", "contactId": key})
        for name in media.values():
            whose.setdefault(name, key)
        key += 1
    return reply({"contacts": told, "recordings": [_fate(name, whose) for name in recordings]})


def _rows(file: Upload) -> Iterator[tuple[str, int, Row | None]]:
    """(file, number, row) of a data file; None is a row that cannot be read. Raises Refused 400."""
    if ending(file.name) == "json":
        found = parsed(file)
        for place, one in enumerate(found if isinstance(found, list) else [found], 1):
            yield file.name, place, one if isinstance(one, dict) else None
        return
    head, rows = table(file)
    check_header(head, NEEDED, COLUMNS, prefix="metadata.")
    for place, cells in enumerate(rows, 1):
        row = named(head, cells)
        yield file.name, place, None if row is None else from_row(row)


def _said(failed: RowFailed) -> str:
    return f"{failed.field}: {failed.message}" if failed.field else failed.message


def _contact(call: Call, row: Row | None, recordings: Mapping[str, Upload]) -> tuple[Row, dict[str, str]]:
    """The new contact, and its recordings: kind → name. Raises RowFailed."""
    if row is None:
        raise RowFailed("", "The row cannot be read: a row is as wide as the header, a record is an object.")
    contact, media = contact_of(call, row), _media(row)
    for name in media.values():
        if name not in recordings:
            raise RowFailed("", f"The recording {name} is not in the upload.")
    return contact, media


def _media(row: Row) -> dict[str, str]:
    """Kind → name. Raises RowFailed."""
    audio, screen = ([one["Location"] for one in listed(row, field)] for field in ("Audio", "Screen"))
    if len(audio) > 1:
        raise RowFailed("Audio", "A contact has at most one audio file.")
    for field, names, known in (("Audio", audio, AUDIO), ("Screen", screen, SCREEN)):
        if any(ending(name) not in known for name in names):
            raise RowFailed(field, f"The name of a file ends in one of {', '.join(sorted(known))}.")
    found = {f"screen{place}": name for place, name in enumerate(screen)}
    return found | ({"audio": audio[0]} if audio else {})


def _kept(media: Mapping[str, str], recordings: Mapping[str, Upload]) -> Row:
    audio = recordings.get(media.get("audio", ""))
    return {
        "hasAudio": audio is not None,
        "hasScreen": any(kind != "audio" for kind in media),
        "callDuration": length(audio.data) if audio else 0,
        "recordings": {name: len(recordings[name].data) for name in media.values()},
    }


def length(data: bytes) -> int:
    """Milliseconds of a WAV file; 0 for what is none."""
    try:
        with wave.open(io.BytesIO(data)) as sound:
            return int(sound.getnframes() * 1000 // sound.getframerate())
    except (wave.Error, EOFError, ZeroDivisionError):
        return 0


def _fate(name: str, whose: Mapping[str, int]) -> Row:
    if name in whose:
        return {"key": name, "status": "stored", "contactId": whose[name]}
    return {"key": name, "status": "ignored", "message": "No contact that was imported names it."}


def _keep(call: Call, contact: Row) -> None:
    call.state.put("contacts", contact)
    for name in contact["fields"]:
        if call.state.get("fields", name) is None:
            call.state.put("fields", {"name": name})


def import_contact_metadata(call: Call) -> Reply:
    """First of two steps: what is known; each recording is awaited under an id."""
    row = call.body
    try:
        contact, _ = contact_of(call, row), _media(row)
    except RowFailed as failed:
        raise Refused(400, "invalidValue", failed.message, f"body.{failed.field}") from None
    key, slot = fresh(call, "contacts"), max(FIRST_SLOT, fresh(call, "slots"))
    empty = {"hasAudio": False, "hasScreen": False, "callDuration": 0, "recordings": {}}
    _keep(call, {**contact, "id": key, **empty})
    told: dict[str, list[Row]] = {"audio": [], "screen": []}
    for kind, field in (("audio", "Audio"), ("screen", "Screen")):
        for one in listed(row, field):
            call.state.put(
                "slots", {"id": slot, "kind": kind, "contactId": key, "location": one["Location"], "size": 0}
            )
            told[kind].append({"id": slot, "location": one["Location"]})
            slot += 1
    return reply({"contactId": key, **told})


def upload_audio(call: Call) -> Reply:
    return _arrived(call, "audio", {"hasAudio": True, "callDuration": length(call.body)})


def upload_video(call: Call) -> Reply:
    return _arrived(call, "screen", {"hasScreen": True})


def _arrived(call: Call, kind: str, changed: Row) -> Reply:
    slot = call.state.get("slots", str(call.query["id"]))
    contact = call.state.get("contacts", str(slot["contactId"])) if slot else None
    if slot is None or contact is None or slot["kind"] != kind:
        raise nothing("recording awaited here", "query.id")
    if "arrived" in slot:
        raise Refused(409, "alreadyExists", "This recording has arrived before.", "query.id")
    size = len(call.body)
    call.state.put("slots", {**slot, "size": size, "arrived": epoch(call.now)})
    recordings = {**contact["recordings"], slot["location"]: size}
    call.state.put("contacts", {**contact, **changed, "recordings": recordings})
    return reply({"id": slot["id"], "contactId": contact["id"], "size": size})
