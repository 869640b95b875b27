"""The documented example as an answer, or one made from the schema where the document gives none."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from catalog.openapi.closure import resolve
from catalog.openapi.example import made
from catalog.openapi.written import body_of
from catalog.sandbox.call import Call
from portal.wire import Reply


def example_program(definition: dict[str, Any]) -> Callable[[Call], Reply]:
    """Answers every call with the first 2xx response of the document."""
    responses = definition["operation"].get("responses") or {}
    status = min((code for code in map(str, responses) if code[0] == "2"), default="200")
    found = example_reply(definition, status)

    def run(call: Call) -> Reply:
        return Reply(found.status, found.body, found.headers.copy())

    return run


def example_reply(definition: dict[str, Any], status: str, name: str | None = None) -> Reply:
    """The answer that the document shows for a status, by example name if asked."""
    responses = definition["operation"].get("responses") or {}
    response = resolve(definition, responses.get(status)) or {}
    code = int(status) if status.isdigit() else int(status[0]) * 100
    for media_type, media in (response.get("content") or {}).items():
        value = media_example(media, definition, name)
        return Reply(
            code, body_of(value, media_type, media.get("schema")), [("Content-Type", _sent_as(media_type))]
        )
    return Reply(204 if code == 200 and not response.get("content") else code)


def _sent_as(media_type: str) -> str:
    return "application/octet-stream" if "*" in media_type else media_type


def media_example(media: dict[str, Any], definition: dict[str, Any], name: str | None = None) -> Any:
    """The media type's example: the named one, else the first, else its schema's, else a made one."""
    examples: dict[str, Any] = media.get("examples") or {}
    chosen = examples[name] if name in examples else next(iter(examples.values()), None)
    if chosen is not None:
        return (resolve(definition, chosen) or {}).get("value")
    if "example" in media:
        return media["example"]
    return made(media.get("schema", {}), definition)
