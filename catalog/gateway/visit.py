"""One call on its way through the gateway."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any, Literal

from catalog.gateway.bearers import Caller
from catalog.gateway.compiled import CompiledApi, CompiledOperation
from catalog.gateway.entrance import ANY, BASIC, Entrance, Shown
from catalog.gateway.refusal import Refusal
from catalog.sandbox.call import SignedIn
from portal.ids import new_id
from portal.wire import Reply, Request
from usage.recorder import Call as Metered


@dataclass(slots=True)
class Visit:
    """Filled in as the call is understood."""

    request: Request
    environment: Literal["sandbox", "live"]
    slug: str
    path: str
    api: CompiledApi
    began: int = field(default_factory=time.perf_counter_ns)
    operation: CompiledOperation | None = None
    neighbour: CompiledOperation | None = None  # at the same address, when the method is not taken there
    path_values: dict[str, str] = field(default_factory=dict)
    shown: Shown | None = None
    caller: Caller | None = None
    signed_in: SignedIn | None = None
    data: int | None = None  # the newest version known of the tenant's sandbox, or of its upstream
    limits: list[tuple[str, str]] = field(default_factory=list)
    is_metered: bool = False
    event_id: str = ""  # one for the call: told twice, it is counted once

    def __post_init__(self) -> None:
        self.event_id = new_id() if self.request.is_named else self.request.request_id

    def match(self) -> CompiledOperation:
        """Raises Refusal 404, or 405 with the methods that stand here."""
        found = self.api.router.match(self.path)
        if found is None:
            title = self.api.outline["info"]["title"]
            raise Refusal(404, "notFound", f"{title} has no address /{self.path}.")
        methods, values = found
        asked = self.request.method
        method = "GET" if asked == "HEAD" and "HEAD" not in methods else asked
        if method not in methods:
            self.neighbour = next(iter(methods.values()))[0]
            allowed = ", ".join(sorted(methods))
            raise Refusal(405, "methodNotAllowed", f"This address takes {allowed}.", [("Allow", allowed)])
        self.operation, names = methods[method]
        self.path_values = dict(zip(names, values, strict=True))
        return self.operation

    def entrance(self) -> Entrance:
        """An upstream's own keys are no business of ours: live calls show a bearer token."""
        operation = self.operation or self.neighbour
        return operation.entrance if operation and self.environment == "sandbox" else ANY

    def error_template(self) -> Any:
        operation = self.operation or self.neighbour
        return operation.error if operation else self.api.error

    def refuse(self, refusal: Refusal) -> Reply:
        if refusal.status == 401 and self.entrance().takes_basic:
            refusal.headers.append(("WWW-Authenticate", BASIC))
        if refusal.status in self.api.bodiless:
            return Reply(refusal.status, b"", [("Cache-Control", "no-store"), *refusal.headers])
        refusal.headers += self.lifecycle()
        refusal.code = self.api.codes.get(refusal.code, refusal.code)
        return refusal.reply(self.error_template(), self.request.request_id)

    def lifecycle(self) -> list[tuple[str, str]]:
        """Deprecation and Sunset; nothing before the operation has been read."""
        operation = self.operation
        return operation.lifecycle if operation and "definition" in vars(operation) else []

    def metered(self, reply: Reply) -> Metered:
        """The event of this call; only for a call of a known app to a known operation."""
        assert self.caller
        assert self.operation
        return Metered(
            at=time.time(),
            tenant_id=self.caller.bearer.tenant_id,
            app_id=self.caller.bearer.app_id,
            api=self.slug,
            operation=self.operation.operation_id,
            environment=self.environment,
            method=self.request.method,
            status=reply.status,
            latency_us=(time.perf_counter_ns() - self.began) // 1000,
            request_bytes=int(self.request.environ.get("CONTENT_LENGTH") or 0),
            answer_bytes=len(reply.body) if isinstance(reply.body, bytes) else 0,
            request_id=self.request.request_id,
            id=self.event_id,
        )
