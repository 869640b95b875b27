"""A document's bytes become everything that a version stores. Runs in a process of its own (sealed.py)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from catalog.changelog.diff import Change, compare
from catalog.errors import DocumentRefused
from catalog.openapi.check import check
from catalog.openapi.closure import Closures, resolve
from catalog.openapi.document import OperationSource, frame, groups, one_line, operations
from catalog.openapi.example import media_examples
from catalog.openapi.normal import normalise
from catalog.openapi.packing import pack, unpack
from catalog.openapi.read import LARGEST, read
from catalog.openapi.samples import sample_call
from catalog.search.build import Builder

MOST_OPERATIONS = 20_000
LARGEST_PART = 6_000_000  # bytes, compressed, of one operation with all it refers to
MOST_SHOWN = 150  # other schemas on a schema's page
MOST_CHANGES = 5_000
Before = dict[str, tuple[dict[str, Any], bytes]]  # operation id to its row and its packed definition
GuideText = tuple[str, str, str]  # slug, title, text
FAULTS = (TypeError, AttributeError, KeyError, ValueError, IndexError, RecursionError)


@dataclass(frozen=True, slots=True)
class Prepared:
    """`head` is plain JSON; `blobs` come in the order: source, frame, index, changes, operations, schemas."""

    head: dict[str, Any]
    blobs: Iterator[bytes]


def prepare(
    source: bytes, *, guides: list[GuideText], before: Before | None, largest: int = LARGEST
) -> Prepared:
    """`before` holds the packed operations of the version that this one follows, None for a first one.

    Raises DocumentRefused with the place of what is wrong.
    """
    document = read(source, largest=largest)
    check(document)
    original = pack(document)
    normalise(document)
    closures = Closures(document)
    found = list(operations(document, closures))
    if not 0 < len(found) <= MOST_OPERATIONS:
        raise DocumentRefused(
            f"The document has {len(found):,} operations; 1 to {MOST_OPERATIONS:,} can be published.",
            "/paths",
        )
    builder = Builder()
    used_by: dict[str, list[str]] = {}
    packed = [_operation(one, builder, used_by) for one in found]
    schemas = [_schema(closures, name, builder, used_by) for name in _names(document)]
    for slug, title, text in guides:
        builder.guide(slug, title, text)
    changes = list(_changes(before, found, packed))
    info = document["info"]
    outline = frame(document) | {"groups": groups(document, found)}
    head = {
        "title": one_line(info["title"], 200),
        "label": one_line(info.get("version"), 60),
        "summary": one_line(info.get("summary"), 500),
        "change_count": len(changes),
        "breaking_count": sum(change["breaking"] for change in changes),
        "operations": [_row(one) for one in found],
        "schemas": [name for name, _ in schemas],
        "frame": outline,
    }
    blobs = [original, pack(outline), pack(builder.result()), pack(changes[:MOST_CHANGES])]
    return Prepared(head, iter([*blobs, *packed, *(blob for _, blob in schemas)]))


def _names(document: dict[str, Any]) -> list[str]:
    schemas = (document.get("components") or {}).get("schemas") or {}
    return sorted((name for name in schemas if 0 < len(name) <= 200), key=str.casefold)


def _row(one: OperationSource) -> dict[str, Any]:
    return {
        "operation_id": one.operation_id,
        "method": one.method,
        "path": one.path,
        "group": one.group[:200],
        "summary": one.summary,
        "deprecated": one.deprecated,
    }


def _operation(one: OperationSource, builder: Builder, used_by: dict[str, list[str]]) -> bytes:
    place = f"/paths/{one.path.replace('~', '~0').replace('/', '~1')}/{one.method.lower()}"
    for name in one.definition["components"].get("schemas") or {}:
        used_by.setdefault(name, []).append(one.operation_id)
    try:
        builder.operation(one)
        _try_out(one)
    except FAULTS as error:
        raise DocumentRefused(f"This operation cannot be shown ({_told(error)}).", place) from None
    blob = pack(one.definition)
    if len(blob) > LARGEST_PART:
        raise DocumentRefused("This operation refers to too much.", place)
    return blob


def _try_out(one: OperationSource) -> None:
    """What the page will do, done once where it can do no harm."""
    operation = one.definition["operation"]
    sample_call(one.definition, method=one.method, path=one.path, base="")
    for answer in operation["responses"].values():
        for media in (_mapping(one.definition, answer).get("content") or {}).values():
            media_examples(media, one.definition)


def _mapping(definition: dict[str, Any], node: Any) -> dict[str, Any]:
    found = resolve(definition, node)
    if not isinstance(found, dict):
        raise TypeError("a mapping is missing")
    return found


def _told(error: BaseException) -> str:
    return f"{type(error).__name__}: {str(error)[:120]}"


def _schema(
    closures: Closures, name: str, builder: Builder, used_by: dict[str, list[str]]
) -> tuple[str, bytes]:
    try:
        schema = closures.document["components"]["schemas"][name]
        definition = closures.of("schema", schema, most=MOST_SHOWN)
        builder.model(name, schema, definition)
    except FAULTS as error:
        raise DocumentRefused(
            f"This schema cannot be shown ({_told(error)}).", f"/components/schemas/{name}"
        ) from None
    users = used_by.get(name, [])
    return name, pack(
        {
            "schema": schema,
            "components": definition["components"],
            "operations": users[:200],
            "used": len(users),
        }
    )


def _changes(before: Before | None, found: list[OperationSource], packed: list[bytes]) -> Iterator[Change]:
    if before is None:
        return
    now = {one.operation_id: (_row(one), blob) for one, blob in zip(found, packed, strict=True)}
    for operation_id in [*now, *(one for one in before if one not in now)]:
        row, new = now.get(operation_id, ({}, None))
        old_row, old = before.get(operation_id, ({}, None))
        if old != new:
            yield from compare(row or old_row, unpack(old) if old else None, unpack(new) if new else None)
