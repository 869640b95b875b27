"""What stands around a program: the rows a call has to name, and the shape of what is refused.

`requires` lists rows that must exist before anything is done, such as {collection: users, key: path.userId}.
`errors` gives single statuses an error shape of their own, where an API has several: a template as in
`error`, or null for an answer without a body. A refusal with a status that the operation does not document is
answered with 400, when it documents that.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from catalog.gateway.checking import Fault
from catalog.gateway.refusal import Refusal
from catalog.sandbox.actions.declared import Declared
from catalog.sandbox.actions.rows import named
from catalog.sandbox.call import Call, Refused
from catalog.sandbox.state import Draft
from portal.wire import Reply

Run = Callable[[Call], Reply]


def guarded(
    run: Run, known: Declared, required: Iterable[Mapping[str, Any]], definition: Mapping[str, Any]
) -> Run:
    needed = [(known.known(one["collection"]), str(one["key"]).split(".")) for one in required]
    statuses = set(map(str, definition["operation"].get("responses") or {}))
    shapes = {str(status): template for status, template in (known.facts.get("errors") or {}).items()}

    def guarded_run(call: Call) -> Reply:
        try:
            for collection, source in needed:
                named(call, collection, source)
            return run(call)
        except Refused as refused:
            if str(refused.status) not in statuses and "400" in statuses:
                refused.status = 400
            if str(refused.status) not in shapes:
                raise
            if isinstance(call.state, Draft):
                call.state.discard()
            return _shaped(refused, shapes[str(refused.status)], call.request_id)

    return guarded_run


def _shaped(refused: Refused, template: Any, request_id: str) -> Reply:
    if template is None:
        return Reply(refused.status)
    faults = [Fault(refused.field or "", "", refused.message)]
    return Refusal(refused.status, refused.code, refused.message, faults=faults).reply(template, request_id)
