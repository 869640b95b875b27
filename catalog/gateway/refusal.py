"""Refusals, said in the API's own error shape where its document gives one, else as RFC 9457 problems."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

from catalog.gateway.validation import Fault
from portal.wire import Problem, Reply

TITLES = {
    400: "Bad request",
    401: "Not authenticated",
    403: "Not allowed",
    404: "Not found",
    405: "Method not allowed",
    413: "Request too large",
    415: "Unsupported media type",
    429: "Too many requests",
    503: "Unavailable",
}


@dataclass(slots=True)
class Refusal(Exception):
    """Why a call is not carried out. `code` is one word for programs, `message` a sentence for people."""

    status: int
    code: str
    message: str
    headers: list[tuple[str, str]] = field(default_factory=list)
    faults: Sequence[Fault] = ()

    def reply(self, template: Any, request_id: str) -> Reply:
        """`template` is the document's x-sandbox.error, or None."""
        faults = self.faults or [Fault("", "", self.message)]
        if template is None:
            more = {"errors": [{"field": f.field, "rule": f.rule, "message": f.message} for f in self.faults]}
            problem = Problem(
                self.status,
                TITLES.get(self.status, "Refused"),
                self.message,
                self.headers,
                **({"code": self.code} | (more if self.faults else {})),
            )
            return problem.reply(request_id)
        body = _filled(
            template,
            [self._words(fault) for fault in faults],
            {"$requestId": request_id, "$status": self.status},
        )
        headers = [("Content-Type", "application/json"), ("Cache-Control", "no-store"), *self.headers]
        return Reply(self.status, orjson.dumps(body), headers)

    def _words(self, fault: Fault) -> dict[str, Any]:
        return {"$code": self.code, "$message": fault.message, "$field": fault.field, "$rule": fault.rule}


def _filled(template: Any, faults: list[dict[str, Any]], common: dict[str, Any]) -> Any:
    """The template with its placeholders replaced; a list of one element repeats it for every fault.

    A placeholder without a value drops its property.
    """
    words = faults[0] | common
    if isinstance(template, str):
        return words.get(template, template)
    if isinstance(template, list) and len(template) == 1:
        return [_filled(template[0], [fault], common) for fault in faults]
    if isinstance(template, dict):
        filled = {key: _filled(value, faults, common) for key, value in template.items()}
        return {key: value for key, value in filled.items() if value != "" or template[key] == ""}
    return template
