"""`Prefer: code=429`, `delay=2`, `example=name`: what developers ask of a sandbox to test their retries."""

from __future__ import annotations

import re
import time
from typing import Any

from catalog.gateway import room
from catalog.gateway.refusal import Refusal
from catalog.sandbox.example import example_reply
from portal.wire import Reply

LONGEST_DELAY = 5.0  # seconds


def preferred(header: str, definition: dict[str, Any], tenant: int) -> Reply | None:
    """The documented answer that was asked for, late if asked; None when only a delay was asked for.

    Raises Refusal: an error that the document does not show is made up; a name or number that is none, 400.
    Raises Problem 503 when too many calls of the tenant wait already.
    """
    asked = dict(re.findall(r"\b(code|delay|example)=([^,;\s]+)", header))
    if "delay" in asked:
        with room.to_wait(tenant):
            time.sleep(_delay(asked["delay"]))
    if not {"code", "example"} & asked.keys():
        return None
    responses = definition["operation"].get("responses") or {}
    code = asked.get("code") or min((key for key in responses if key.startswith("2")), default="200")
    if not re.fullmatch(r"[2-5]\d\d", code):
        raise Refusal(400, "badPreference", "Prefer: code=… takes a status from 200 to 599.")
    documented = next((key for key in (code, code[0] + "XX", "default") if key in responses), None)
    headers = [
        ("Preference-Applied", f"code={code}"),
        *([("Retry-After", "1")] if code in ("429", "503") else []),
    ]
    if documented is None:
        raise Refusal(int(code), "asked", "You asked for this answer with Prefer.", headers)
    reply = example_reply(definition, documented, asked.get("example"))
    reply.status = int(code)
    reply.headers += headers
    return reply


def _delay(text: str) -> float:
    try:
        return min(max(float(text), 0.0), LONGEST_DELAY)
    except ValueError:
        raise Refusal(400, "badPreference", "Prefer: delay=… takes a number of seconds.") from None
