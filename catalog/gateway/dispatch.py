"""Where a call that may pass is answered: the tenant's sandbox, or its live upstream."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from catalog.gateway import gate
from catalog.gateway.checking import Fault, Invalid
from catalog.gateway.compiled import CompiledOperation
from catalog.gateway.prefer import preferred
from catalog.gateway.refusal import Refusal
from catalog.gateway.visit import Visit
from catalog.live.forward import forward
from catalog.sandbox.call import Call, Refused, day_in
from catalog.sandbox.engine import store
from catalog.sandbox.state import Full, Snapshot, Store
from portal.wire import Problem, Reply

Result = TypeVar("Result")
UTC_ZONE = ZoneInfo("UTC")


def dispatch(visit: Visit, operation: CompiledOperation) -> Reply:
    """Raises Refusal."""
    if visit.environment == "live":
        return said(lambda: forward(visit, operation))
    return said(lambda: _sandbox(visit, operation))


def guess(visit: Visit, operation: CompiledOperation) -> tuple[Reply, int | None] | None:
    """A reading call answered from what this process has in memory, and the version of the data it used.

    None when the call writes, or when nothing is in memory. The answer may leave only when the gate has
    said that the version still stands.
    """
    program = operation.program
    if visit.environment == "live" or program.writes or operation.signs_out:
        return None
    if visit.request.header("Prefer"):
        return None
    if not program.keys:
        return _caught(visit, lambda: program.run(call_of(visit, operation))), None
    snapshot = _store(visit, operation).kept()
    if snapshot is None:
        return None
    return _caught(visit, lambda: _run(snapshot, visit, operation)), snapshot.version


def _caught(visit: Visit, answer: Callable[[], Reply]) -> Reply:
    try:
        return said(answer)
    except Refusal as refusal:
        return visit.refuse(refusal)


def said(answer: Callable[[], Result]) -> Result:
    """Every way to be refused, as a Refusal."""
    try:
        return answer()
    except Invalid as invalid:
        message = f"The request does not fit the document: {invalid}"
        raise Refusal(invalid.status, "invalidRequest", message, faults=invalid.faults) from None
    except Refused as refused:
        faults = [Fault(refused.field, "", refused.message)] if refused.field else []
        raise Refusal(refused.status, refused.code, refused.message, faults=faults) from None
    except Full:
        message = "The sandbox is full. Reset it, or delete what you no longer need."
        raise Refusal(409, "sandboxFull", message) from None
    except Problem as problem:  # found while reading the request
        raise Refusal(problem.status, "badRequest", problem.detail, problem.headers) from None


def _sandbox(visit: Visit, operation: CompiledOperation) -> Reply:
    asked = visit.request.header("Prefer")
    tenant = visit.caller.bearer.tenant_id if visit.caller else 0
    if asked and (reply := preferred(asked, operation.definition, tenant)):
        return reply
    program = operation.program
    if not program.keys:
        return program.run(call_of(visit, operation))
    rows = _store(visit, operation)
    if program.writes:
        call = call_of(visit, operation)
        return rows.write(lambda draft: _on(draft, call, program.run))
    version = visit.data
    if version is None:
        version = rows.version()
        gate.lease(rows.subject, version)
    return _run(rows.snapshot(version), visit, operation)


def _store(visit: Visit, operation: CompiledOperation) -> Store:
    assert visit.caller
    today = day_in(visit.caller.zone, time.time())
    tenant = visit.caller.bearer.tenant_id
    return store(tenant_id=tenant, api=visit.slug, keys=operation.program.keys, today=today)


def _run(snapshot: Snapshot, visit: Visit, operation: CompiledOperation) -> Reply:
    return _on(snapshot, call_of(visit, operation), operation.program.run)


def _on(state: Any, call: Call, run: Callable[[Call], Reply]) -> Reply:
    call.state = state
    return run(call)


def call_of(visit: Visit, operation: CompiledOperation) -> Call:
    """The request, checked against the document. Raises Invalid, Problem."""
    check, caller = operation.request, visit.caller
    return Call(
        body=check.body(visit.request),
        query=check.query(visit.request),
        path=check.path(visit.path_values),
        headers=check.headers(visit.request),
        state=None,  # type: ignore[arg-type]  # set by _on, once it is known which
        now=datetime.now(UTC),
        zone=caller.zone if caller else UTC_ZONE,
        request_id=visit.request.request_id,
        operation_id=operation.operation_id,
        media_type=check.content.media_type(visit.request),
        caller=caller.bearer if caller else None,
        signed_in=visit.signed_in,
    )
