"""The order of one call: token, app, tenant, scope, rate limit, validation, dispatch, metering.

A reading call whose facts are all in this process's memory is worked out first, and then let through, counted
and metered in one round trip to Valkey, which does so only if every fact still stands (gate.ask). Nothing
of it leaves before that. Every other call asks the gate first.
"""

from __future__ import annotations

import logging

from django.db import Error as DatabaseError
from django.db import connection

from catalog.access.queries import terms_of
from catalog.gateway import bearers, compiled, cookies, cors, entrance, gate, kept, unasked
from catalog.gateway.bearers import Caller
from catalog.gateway.compiled import CompiledOperation
from catalog.gateway.dispatch import dispatch, guess
from catalog.gateway.entrance import Shown
from catalog.gateway.refusal import Refusal
from catalog.gateway.signing_in import sign_out
from catalog.gateway.visit import Visit
from portal import wire
from portal.wire import Problem, Reply, Request
from usage import recorder

log = logging.getLogger(__name__)


def handle(request: Request) -> Reply:
    if "HTTP_PORTAL_COOKIE" in request.environ:
        return cookies.for_script(request, _handle)
    return _handle(request)


def _handle(request: Request) -> Reply:
    _, environment, slug, path = (*request.path.split("/", 3), "", "", "")[:4]
    try:
        api = compiled.known(slug) or compiled.current(slug)
    except DatabaseError as error:
        raise _database_away(error) from None
    if api is None:
        raise Problem(404, "No such API", f"There is no API at /{environment}/{slug}/.")
    visit = Visit(request, "live" if environment == "live" else "sandbox", slug, path, api)
    reply = _options(visit) or _metered(visit)
    if "HTTP_ORIGIN" in request.environ and request.method != "OPTIONS":
        tenant = visit.caller.bearer.tenant_id if visit.caller else None
        reply.headers.extend(cors.of_call(request, tenant, slug))
    return reply


def _options(visit: Visit) -> Reply | None:
    """What stands at this address, and what a browser may send to it; no token needed, never metered."""
    if visit.request.method != "OPTIONS":
        return None
    found = visit.api.router.match(visit.path)
    if found is None or "OPTIONS" in found[0]:
        return None
    methods = {*found[0], "OPTIONS"} | ({"HEAD"} if "GET" in found[0] else set())
    allow = ", ".join(sorted(methods))
    return Reply(204, b"", [("Allow", allow), *cors.of_preflight(visit.request, allow)])


def _metered(visit: Visit) -> Reply:
    request = visit.request
    try:
        reply = _answer(visit)
        reply.headers.extend(visit.lifecycle())
    except Refusal as refusal:
        reply = visit.refuse(refusal)
    except DatabaseError as error:
        reply = _database_away(error).reply(request.request_id)
    except Exception as error:  # a fault of ours is metered like any answer
        reply = wire.failure(error, request.request_id)
    reply.headers.extend(visit.limits)
    if visit.caller and visit.operation and not visit.is_metered:
        recorder.record(visit.metered(reply))
    return reply


def _answer(visit: Visit) -> Reply:
    operation = _match(visit)
    kept.touch(operation)
    shown = entrance.shown(visit.request, visit.entrance())
    if operation.entrance.is_open and visit.environment == "sandbox":
        return _unasked(visit, operation, shown)
    if shown is None:
        raise entrance.missing()
    visit.shown = shown
    visit.caller = caller = _find(shown, visit)
    question = gate.Question(
        app_id=caller.bearer.app_id,
        tenant_id=caller.bearer.tenant_id,
        api=visit.slug,
        operation=operation.operation_id,
        window=visit.api.window,
        limit=_limit(visit, caller),
        data="upstream" if visit.environment == "live" else "sandbox",
    )
    ready = _guess(visit, operation, caller, question)
    passed = gate.ask(question, ready[1] if ready else None)
    if ready and passed.is_recorded:
        visit.is_metered = True
        visit.limits = passed.headers(question.limit)
        return ready[0]
    try:
        visit.caller = caller = bearers.confirm(shown, caller, passed.epoch)
    except Refusal:
        visit.caller = None
        raise
    if passed.api != visit.api.number:
        operation = _renew(visit, passed.api)
    visit.data = passed.data
    _check_scope(operation, caller)
    _check_rate(visit, passed, question.limit)
    return _dispatched(visit, operation)


def _match(visit: Visit) -> CompiledOperation:
    """Who shows nothing is not told what stands at an address."""
    try:
        return visit.match()
    except Refusal:
        if entrance.shown(visit.request, visit.entrance()) is None:
            raise entrance.missing() from None
        raise


def _find(shown: Shown, visit: Visit) -> Caller:
    """Raises Refusal 401, also for a session of another API."""
    caller = bearers.find(shown)
    if caller.bearer.api and caller.bearer.api != visit.slug:
        raise entrance.invalid()
    return caller


def _unasked(visit: Visit, operation: CompiledOperation, shown: Shown | None) -> Reply:
    question = unasked.question(visit, operation)
    passed = gate.ask(question)
    if passed.api != visit.api.number:
        operation = _renew(visit, passed.api)
    if not operation.entrance.is_open:
        raise entrance.missing()
    _check_rate(visit, passed, question.limit)
    unasked.recognise(visit, operation, shown)
    return _dispatched(visit, operation)


def _dispatched(visit: Visit, operation: CompiledOperation) -> Reply:
    reply = dispatch(visit, operation)
    if visit.environment == "sandbox":
        cookies.secure(reply)
    is_over = operation.signs_out and visit.environment == "sandbox" and reply.status < 400
    if is_over and visit.shown and visit.caller:
        sign_out(visit.shown, visit.caller.bearer.app_id)
    return reply


def _guess(
    visit: Visit, operation: CompiledOperation, caller: Caller, question: gate.Question
) -> tuple[Reply, gate.Terms] | None:
    """The answer, and the terms on which it may leave; None where the gate has to be asked first."""
    if gate.is_exhausted(question) or not _has_scope(operation, caller):
        return None
    try:
        found = guess(visit, operation)
    except DatabaseError:  # the gate is asked first, and then the database once more
        return None
    if found is None:
        return None
    reply, version = found
    event = recorder.encode(visit.metered(reply))
    return reply, gate.Terms(caller.bearer.epoch, visit.api.number, version, event)


def _renew(visit: Visit, newest: int | None) -> CompiledOperation:
    """The operation in the version on offer now, when this process had another one."""
    api = compiled.current(visit.slug, newest)
    if api is None:
        raise Refusal(404, "notFound", f"There is no API at /{visit.environment}/{visit.slug}/ any more.")
    if newest is None:
        gate.lease(f"api:{visit.slug}", api.number)
    if api is not visit.api:
        visit.api = api
        visit.match()
    assert visit.operation
    return visit.operation


def _has_scope(operation: CompiledOperation, caller: Caller) -> bool:
    return any(wanted <= caller.bearer.scopes for wanted in operation.scopes)


def _check_scope(operation: CompiledOperation, caller: Caller) -> None:
    if _has_scope(operation, caller):
        return
    needed = " ".join(sorted(operation.scopes[0]))
    raise Refusal(
        403,
        "insufficientScope",
        f"This needs the scope {needed}. Ask for it when you get the token.",
        [("WWW-Authenticate", f'{entrance.BEARER}, error="insufficient_scope", scope="{needed}"')],
    )


def _limit(visit: Visit, caller: Caller) -> int:
    """The app's own, else what was set for its tenant or the API, else the document's."""
    own = caller.bearer.rate_limit
    return own or terms_of(caller.bearer.tenant_id, visit.slug).limit or visit.api.limit


def _check_rate(visit: Visit, passed: gate.Pass, limit: int) -> None:
    visit.limits = passed.headers(limit)
    if passed.count > limit:
        raise Refusal(
            429,
            "rateLimited",
            f"At most {limit} calls in {visit.api.window} s. Try again in {passed.seconds_left} s.",
            [("Retry-After", str(passed.seconds_left))],
        )


def _database_away(error: DatabaseError) -> Problem:
    """Drops the connection, so that the next call opens a fresh one."""
    log.error("gateway_database_failed kind=%s", type(error).__name__)
    connection.close()
    return Problem(503, "Unavailable", "The database cannot be reached. Try again.", [("Retry-After", "2")])


application = wire.application(handle)
