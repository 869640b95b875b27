"""Calls that need show nothing: operations that are open, and those that sign a client in.

They are limited by address, as no app is known yet. Who shows something that stands is known by it, and
metered; what does not stand is passed over.
"""

from __future__ import annotations

import hashlib
import ipaddress

from catalog.gateway import bearers, gate
from catalog.gateway.compiled import CompiledOperation
from catalog.gateway.dispatch import call_of, said
from catalog.gateway.entrance import BEARER, Shown, missing
from catalog.gateway.refusal import Refusal
from catalog.gateway.signing_in import signed_in
from catalog.gateway.visit import Visit
from catalog.sandbox.call import SignedIn
from portal.web.address import client_address
from portal.wire import Request


def question(visit: Visit, operation: CompiledOperation) -> gate.Question:
    return gate.Question(
        app_id=_place(visit.request),
        tenant_id="",
        api=visit.slug,
        operation=operation.operation_id,
        window=visit.api.window,
        limit=visit.api.limit,
    )


def _place(request: Request) -> str:
    """A name for where the call comes from; one customer's IPv6 network counts as one."""
    remote = client_address(request.address or "", request.header("X-Forwarded-For") or "") or ""
    if ":" in remote:
        remote = str(ipaddress.ip_network(f"{remote}/64", strict=False))
    return "from-" + hashlib.sha256(remote.encode()).hexdigest()[:24]


def recognise(visit: Visit, operation: CompiledOperation, shown: Shown | None) -> None:
    """Who it is, as far as anything says so. Raises Refusal when the operation cannot do without."""
    declared = operation.sign_in
    if declared is not None:
        scopes = visit.api.scopes
        visit.signed_in = said(
            lambda: signed_in(declared, call_of(visit, operation), api=visit.slug, scopes=scopes)
        )
    if visit.signed_in is not None:
        shown = Shown(visit.signed_in.credential)
    if shown is not None:
        try:
            visit.caller = bearers.find(shown)
            visit.caller = bearers.confirm(shown, visit.caller, None)
            visit.shown = shown
        except Refusal:
            visit.caller = None
    if visit.caller and visit.caller.bearer.api not in ("", visit.slug):
        visit.caller = None
    if visit.caller is None and declared:
        message = "Send the client id and the secret of one of your apps."
        raise Refusal(401, "missingCredentials", message, [("WWW-Authenticate", BEARER)])
    if visit.caller is None and operation.program.keys:
        raise missing()
    if declared and visit.caller and visit.shown and visit.signed_in is None:
        scope = " ".join(sorted(visit.caller.bearer.scopes & visit.api.scopes))
        visit.signed_in = SignedIn(visit.shown.text, declared.seconds, scope, is_new=False)
