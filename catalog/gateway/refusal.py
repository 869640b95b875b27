"""Refusals, said in the API's own error shape where its document gives one, else as RFC 9457 problems."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from xml.sax.saxutils import escape

import orjson

from catalog.gateway.checking import Fault
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

_placeholder = re.compile(r"\$(?:code|message|field|rule|requestId|status)\b").sub


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
        if isinstance(template, dict) and "$text" in template:
            return self._text(template, request_id)
        body = _filled(
            template,
            [self._words(fault) for fault in faults],
            {"$requestId": request_id, "$status": self.status},
        )
        headers = [("Content-Type", "application/json"), ("Cache-Control", "no-store"), *self.headers]
        return Reply(self.status, orjson.dumps(body), headers)

    def _text(self, template: dict[str, Any], request_id: str) -> Reply:
        """`$text` is the body and `$type` its media type; in XML what is put in is escaped."""
        kind = str(template.get("$type", "text/plain"))
        words = self._words((self.faults or [Fault("", "", self.message)])[0])
        words |= {"$requestId": request_id, "$status": str(self.status)}
        put_in = escape if "xml" in kind else str
        text = _placeholder(lambda found: put_in(words[found[0]]), str(template["$text"]))
        headers = [("Content-Type", kind), ("Cache-Control", "no-store"), *self.headers]
        return Reply(self.status, text.encode(), headers)

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
