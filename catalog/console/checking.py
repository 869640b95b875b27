"""An answer against its document: status, media type, headers, and every field of the body."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import Any

import jsonschema_rs
import orjson

from catalog.gateway.validation import compile_schema
from catalog.models import Operation
from catalog.openapi.closure import resolve

MOST_FAULTS = 100


@dataclass(frozen=True, slots=True)
class Mismatch:
    """`path` leads to the field, from the root of the body; None where it is not about a field."""

    message: str
    path: list[str | int] | None = None


@dataclass(frozen=True, slots=True)
class Report:
    documented: str  # the status of the document that was held against; "" where it has none
    checked: bool  # whether the body was compared
    mismatches: list[Mismatch]

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def check(operation: Operation, *, status: int, media_type: str, headers: list[str], body: bytes) -> Report:
    """`headers` are the names the answer has. The body's values are never repeated in a message."""
    responses = operation.definition()["operation"].get("responses") or {}
    documented = next((one for one in _keys(status) if one in responses), "")
    if not documented:
        return Report("", False, [Mismatch(f"The document does not say that this call can answer {status}.")])
    expected = _expected(operation.pk, operation.version.digest, documented)
    found = [
        Mismatch(f"The header {name} is promised and missing.")
        for name in expected.headers
        if name.lower() not in {one.lower() for one in headers}
    ]
    if not body:
        if expected.media:
            found.append(Mismatch("The document promises a body; the answer has none."))
        return Report(documented, False, found)
    plain = media_type.split(";")[0].strip().lower()
    if plain not in expected.media:
        known = ", ".join(expected.media) or "no body"
        found.append(Mismatch(f"The body is {plain or 'of no stated type'}; the document promises {known}."))
        return Report(documented, False, found)
    validator = expected.media[plain]
    if validator is None:
        return Report(documented, False, found)
    return Report(documented, True, [*found, *_faults(validator, body)])


def _keys(status: int) -> tuple[str, str, str]:
    return str(status), f"{status // 100}XX", "default"


@dataclass(frozen=True, slots=True)
class _Expected:
    headers: list[str]  # required ones
    media: dict[str, jsonschema_rs.Draft202012Validator | None]  # None: not JSON


@lru_cache(maxsize=128)
def _expected(pk: int, digest: str, status: str) -> _Expected:
    definition = Operation.objects.only("closure").get(pk=pk).definition()
    response = resolve(definition, definition["operation"]["responses"][status]) or {}
    promised = {name: resolve(definition, one) or {} for name, one in (response.get("headers") or {}).items()}
    return _Expected(
        headers=[name for name, one in promised.items() if one.get("required") is True],
        media={
            str(kind).split(";")[0].strip().lower(): (
                compile_schema(media["schema"], definition) if "json" in kind and "schema" in media else None
            )
            for kind, media in (response.get("content") or {}).items()
        },
    )


def _faults(validator: jsonschema_rs.Draft202012Validator, body: bytes) -> list[Mismatch]:
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        return [Mismatch(f"The body is not JSON: {error.msg} (line {error.lineno}, column {error.colno}).")]
    found = []
    for fault in validator.iter_errors(value):
        found.append(Mismatch(fault.message[:300], list(fault.instance_path)))
        if len(found) == MOST_FAULTS:
            break
    return found
