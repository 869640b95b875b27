"""The order of one call: token, app, tenant, scope, rate limit, validation, dispatch, metering."""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from django.db import Error as DatabaseError
from django.db import connection

from catalog.gateway import bearers, compiled, gate
from catalog.gateway.bearers import Caller
from catalog.gateway.compiled import CompiledApi, CompiledOperation
from catalog.gateway.refusal import Refusal
from catalog.gateway.validation import Fault, Invalid
from catalog.sandbox.call import Call, Refused
from catalog.sandbox.engine import store
from catalog.sandbox.state import Full
from portal import wire
from portal.wire import Problem, Reply, Request
from usage.recorder import Call as Metered
from usage.recorder import record

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Visit:
    """One call on its way; filled in as it is understood."""

    request: Request
    environment: Literal["sandbox", "live"]
    slug: str
    path: str
    api: CompiledApi
    operation: CompiledOperation | None = None
    path_values: dict[str, str] | None = None
    caller: Caller | None = None
    sandbox: int | None = None
    limits: list[tuple[str, str]] | None = None


def handle(request: Request) -> Reply:
    began = time.perf_counter_ns()
    _, environment, slug, path = (*request.path.split("/", 3), "", "", "")[:4]
    try:
        api = compiled.known(slug) or compiled.current(slug)
    except DatabaseError as error:
        raise _database_away(error) from None
    if api is None:
        raise Problem(404, "No such API", f"There is no API at /{environment}/{slug}/.")
    visit = Visit(request, "live" if environment == "live" else "sandbox", slug, path, api)
    try:
        reply = _answer(visit)
    except Refusal as refusal:
        template = visit.operation.error if visit.operation else visit.api.error
        reply = refusal.reply(template, request.request_id)
    except Problem as problem:  # found while reading the request: said in the API's own shape too
        said = Refusal(problem.status, "badRequest", problem.detail, problem.headers)
        reply = said.reply(
            visit.operation.error if visit.operation else visit.api.error, request.request_id
        )
    except DatabaseError as error:
        reply = _database_away(error).reply(request.request_id)
    except Exception as error:  # a fault of ours is metered like any answer
        reply = wire.failure(error, request.request_id)
    if visit.limits:
        reply.headers.extend(visit.limits)
    if visit.caller and visit.operation:
        _meter(visit, reply, began)
    return reply


def _answer(visit: Visit) -> Reply:
    token = bearers.token_of(visit.request)
    _match(visit)
    operation = visit.operation
    assert operation
    visit.caller = caller = bearers.find(token)
    passed = gate.ask(
        app_id=caller.bearer.app_id,
        tenant_id=caller.bearer.tenant_id,
        api=visit.slug,
        operation=operation.operation_id,
        window=visit.api.window,
    )
    try:
        visit.caller = caller = bearers.confirm(token, caller, passed.epoch)
    except Refusal:
        visit.caller = None
        raise
    if passed.api != visit.api.number:
        operation = _renew(visit, passed.api)
    visit.sandbox = passed.sandbox
    _check_scope(operation, caller)
    _check_rate(visit, passed)
    return _dispatch(visit, operation)


def _match(visit: Visit) -> None:
    """Raises Refusal 404, or 405 with the methods that stand here."""
    found = visit.api.router.match(visit.path)
    if found is None:
        raise Refusal(404, "notFound", f"{visit.api.outline['info']['title']} has no address /{visit.path}.")
    methods, values = found
    method = "GET" if visit.request.method == "HEAD" and "HEAD" not in methods else visit.request.method
    if method not in methods:
        allowed = ", ".join(sorted(methods))
        raise Refusal(405, "methodNotAllowed", f"This address takes {allowed}.", [("Allow", allowed)])
    visit.operation, names = methods[method]
    visit.path_values = dict(zip(names, values, strict=True))


def _renew(visit: Visit, newest: int | None) -> CompiledOperation:
    """The operation in the version on offer now, when this process had another one."""
    api = compiled.current(visit.slug, newest)
    if api is None:
        raise Refusal(404, "notFound", f"There is no API at /{visit.environment}/{visit.slug}/ any more.")
    if newest is None:
        gate.lease(f"api:{visit.slug}", api.number)
    if api is not visit.api:
        visit.api = api
        _match(visit)
    assert visit.operation
    return visit.operation


def _check_scope(operation: CompiledOperation, caller: Caller) -> None:
    if any(wanted <= caller.bearer.scopes for wanted in operation.scopes):
        return
    needed = " ".join(sorted(operation.scopes[0]))
    raise Refusal(
        403,
        "insufficientScope",
        f"This needs the scope {needed}. Ask for it when you get the token.",
        [("WWW-Authenticate", f'{bearers.CHALLENGE}, error="insufficient_scope", scope="{needed}"')],
    )


def _check_rate(visit: Visit, passed: gate.Pass) -> None:
    assert visit.caller
    limit = visit.caller.bearer.rate_limit or visit.api.limit
    visit.limits = [
        ("RateLimit-Limit", str(limit)),
        ("RateLimit-Remaining", str(max(0, limit - passed.count))),
        ("RateLimit-Reset", str(passed.seconds_left)),
    ]
    if passed.count > limit:
        raise Refusal(
            429,
            "rateLimited",
            f"At most {limit} calls in {visit.api.window} s. Try again in {passed.seconds_left} s.",
            [("Retry-After", str(passed.seconds_left))],
        )


def _dispatch(visit: Visit, operation: CompiledOperation) -> Reply:
    if visit.environment == "live":
        raise Refusal(
            404, "noUpstream", "Your account has no live address for this API yet. Use /sandbox/ instead."
        )
    return _sandbox(visit, operation)


def _sandbox(visit: Visit, operation: CompiledOperation) -> Reply:
    assert visit.caller
    try:
        call = _call(visit, operation)
        program = operation.program
        if not program.keys:
            return program.run(call)
        tenant = visit.caller.bearer.tenant_id
        rows = store(tenant_id=tenant, api=visit.slug, keys=program.keys, today=call.today)
        if program.writes:
            return rows.write(lambda draft: _on(draft, call, program.run))
        version = visit.sandbox
        if version is None:
            version = rows.version()
            gate.lease(rows.subject, version)
        return _on(rows.snapshot(version), call, program.run)
    except Invalid as invalid:
        message = f"The request does not fit the document: {invalid}"
        raise Refusal(invalid.status, "invalidRequest", message, faults=invalid.faults) from None
    except Refused as refused:
        raise _refusal(refused) from None
    except Full:
        raise Refusal(
            409, "sandboxFull", "The sandbox is full. Reset it, or delete what you no longer need."
        ) from None


def _on(state: Any, call: Call, run: Any) -> Reply:
    call.state = state
    reply: Reply = run(call)
    return reply


def _call(visit: Visit, operation: CompiledOperation) -> Call:
    """The request, checked against the document. Raises Invalid; Problem 413."""
    check = operation.request
    assert visit.caller
    return Call(
        body=check.body(visit.request),
        query=check.query(visit.request),
        path=check.path(visit.path_values or {}),
        headers=check.headers(visit.request),
        state=None,  # type: ignore[arg-type]  # set by _on, once it is known which
        now=datetime.now(UTC),
        zone=visit.caller.zone,
        request_id=visit.request.request_id,
        operation_id=operation.operation_id,
    )


def _refusal(refused: Refused) -> Refusal:
    faults = [Fault(refused.field, "", refused.message)] if refused.field else []
    return Refusal(refused.status, refused.code, refused.message, faults=faults)


def _database_away(error: DatabaseError) -> Problem:
    """Drops the connection, so that the next call opens a fresh one."""
    log.error("gateway_database_failed kind=%s", type(error).__name__)
    connection.close()
    return Problem(503, "Unavailable", "The database cannot be reached. Try again.", [("Retry-After", "2")])


def _meter(visit: Visit, reply: Reply, began: int) -> None:
    assert visit.caller
    assert visit.operation
    record(
        Metered(
            at=time.time(),
            tenant_id=visit.caller.bearer.tenant_id,
            app_id=visit.caller.bearer.app_id,
            api=visit.slug,
            operation=visit.operation.operation_id,
            environment=visit.environment,
            method=visit.request.method,
            status=reply.status,
            latency_us=(time.perf_counter_ns() - began) // 1000,
            request_bytes=int(visit.request.environ.get("CONTENT_LENGTH") or 0),
            answer_bytes=len(reply.body) if isinstance(reply.body, bytes) else 0,
            request_id=visit.request.request_id,
        )
    )


application = wire.application(handle)
