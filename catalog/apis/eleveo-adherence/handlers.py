"""Uploads in the order and the chunks that the document asks for."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterable
from typing import Any

import orjson

from catalog.apis.eleveo_adherence.events import Chunk, read
from catalog.sandbox import Call, Refused, Reply, reply

Row = dict[str, Any]

BEFORE = {"reasonCodes": "eventTypes", "agentEvents": "reasonCodes"}
WORDS = {"eventTypes": "event types", "reasonCodes": "reason codes", "agentEvents": "agent events"}
MOST_CHUNKS = 1_000  # of one import, whose row lists their digests


def token(call: Call) -> Reply:
    """As newer Keycloak answers a client: without a refresh token."""
    assert call.signed_in
    answer = {
        "access_token": call.signed_in.credential,
        "expires_in": call.signed_in.seconds,
        "refresh_expires_in": 0,
        "token_type": "bearer",
        "not-before-policy": 0,
        "session_state": str(uuid.uuid4()),
        "scope": call.signed_in.scope,
    }
    return reply(answer, headers={"Cache-Control": "no-store"})


def push_event_types(call: Call) -> Reply:
    return _listed(call, "eventTypes", ("acdType", "sourceId", "eventType"))


def push_reason_codes(call: Call) -> Reply:
    return _listed(call, "reasonCodes", ("acdType", "reasonCode"))


def push_agent_events(call: Call) -> Reply:
    run, acd = _opened(call, "agentEvents"), call.query["acdType"]
    kinds = [one for one in call.state.all("eventTypes") if acd in (one["acdType"], one.get("sourceId"))]
    if not kinds:
        message = "No event type that was sent has this acdType or sourceId."
        raise Refused(400, "unknownAcdType", message, "query.acdType")
    if run["acdType"] != acd:
        message = "All chunks of one pushToken carry the acdType of the first."
        raise Refused(409, "acdTypeChanged", message, "query.acdType")
    digest = hashlib.sha256(call.body.encode()).hexdigest()
    if _is_known(run, digest, call):
        return _taken(call, run, digest, 0)
    codes = call.state.all("reasonCodes")
    chunk = read(call.body, _known(kinds, "eventType"), _known(codes, "reasonCode"))
    if chunk.faults:
        return _bad_rows(chunk)
    for line, event in chunk.events:
        call.state.put("agentEvents", {"id": _key(run["pushToken"], digest, str(line)), **event})
    return _taken(call, run, digest, len(chunk.events))


def _known(rows: Iterable[Row], name: str) -> frozenset[str]:
    return frozenset(str(row[name]) for row in rows if row.get(name))


def _bad_rows(chunk: Chunk) -> Reply:
    count = len(chunk.faults)
    body = {
        "error": "badRows",
        "message": f"{count:,} faults, named by line. Nothing of this chunk was taken; mend and repeat it.",
        "errors": chunk.faults[:100],
    }
    return reply(body, 400)


def _listed(call: Call, kind: str, names: tuple[str, ...]) -> Reply:
    run = _opened(call, kind)
    rows: list[Row] = call.body if isinstance(call.body, list) else [call.body]
    digest = hashlib.sha256(orjson.dumps(call.body, option=orjson.OPT_SORT_KEYS)).hexdigest()
    if _is_known(run, digest, call):
        return _taken(call, run, digest, 0)
    for row in rows:
        call.state.put(kind, {**row, "_key": _key(*(str(row.get(name, "")) for name in names))})
    return _taken(call, run, digest, len(rows))


def _key(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:40]


def _opened(call: Call, kind: str) -> Row:
    """The import of the call's pushToken, perhaps a new one. Raises Refused where its turn has not come."""
    assert call.caller
    if call.headers["Tenant-ID"] != call.caller.tenant:
        message = "Tenant-ID is not the tenant of this token's app."
        raise Refused(403, "wrongTenant", message, "header.Tenant-ID")
    before = BEFORE.get(kind)
    if before and not any(one["state"] == "completed" for one in call.state.by("imports", "kind", before)):
        message = f"Send {WORDS[before]} first, up to their last chunk; then {WORDS[kind]}."
        raise Refused(409, "outOfOrder", message)
    token = str(uuid.UUID(call.query["pushToken"]))
    run = call.state.get("imports", token)
    if run is None:
        return _begun(call, token, kind)
    if run["kind"] != kind:
        message = f"This pushToken belongs to {WORDS[run['kind']]}. Every upload needs a new UUID."
        raise Refused(409, "pushTokenTaken", message, "query.pushToken")
    return run


def _begun(call: Call, token: str, kind: str) -> Row:
    run = {"pushToken": token, "kind": kind, "state": "open", "rows": 0, "chunks": 0, "_digests": []}
    run |= {"startedAt": _moment(call), "completedAt": None}
    return run | ({"acdType": call.query["acdType"]} if kind == "agentEvents" else {"acdType": None})


def _moment(call: Call) -> str:
    return call.now.strftime("%Y-%m-%dT%H:%M:%SZ")


def _is_known(run: Row, digest: str, call: Call) -> bool:
    """Whether the chunk has come before. Raises Refused for a new one that comes too late."""
    if digest in run["_digests"]:
        return True
    if run["state"] == "completed":
        message = "The last chunk of this pushToken has come. Begin a new upload with a new UUID."
        raise Refused(409, "importCompleted", message, "query.pushToken")
    if run["chunks"] >= MOST_CHUNKS:
        raise Refused(409, "tooManyChunks", f"One upload has at most {MOST_CHUNKS:,} chunks.")
    return False


def _taken(call: Call, run: Row, digest: str, rows: int) -> Reply:
    again = digest in run["_digests"]
    ends = call.query["lastChunk"] and run["state"] == "open"
    if not again:
        run = {**run, "_digests": [*run["_digests"], digest], "chunks": run["chunks"] + 1}
        run["rows"] += rows
    if ends:
        run = {**run, "state": "completed", "completedAt": _moment(call)}
    call.state.put("imports", run)
    return reply({**_shown(run), "duplicate": again})


def _shown(run: Row) -> Row:
    return {name: value for name, value in run.items() if not name.startswith("_")}


def list_imports(call: Call) -> Reply:
    """Completed ones, as in the source's history list; newest first."""
    done = [one for one in call.state.all("imports") if one["state"] == "completed"]
    done.sort(key=lambda one: (one["completedAt"], one["pushToken"]), reverse=True)
    return reply({"imports": [_shown(one) for one in done[:200]], "total": len(done)})
