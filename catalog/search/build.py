"""What of a document can be found, gathered while it is prepared for publishing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from catalog.openapi.closure import resolve
from catalog.openapi.document import OperationSource, one_line
from catalog.search import words

MOST_ENTRIES = 120_000
MOST_VALUES = 300  # of one enum
_CODES = ("code", "errorCode", "error_code", "error", "type")


class Builder:
    """Entries are [kind, title, detail, target]; a posting is an entry's number times 16, plus its weight.

    A target is a kind (o, m or g), a name and an anchor: what an address is made of at reading time.
    """

    def __init__(self) -> None:
        self._entries: list[list[str]] = []
        self._postings: dict[str, list[int]] = {}
        self._once: dict[tuple[str, ...], int] = {}
        self._uses: dict[int, int] = {}

    def result(self) -> dict[str, Any]:
        for number, uses in self._uses.items():
            if uses > 1:
                self._entries[number][2] += f" and {uses - 1:,} more"
        return {"entries": self._entries, "postings": self._postings}

    # -------------------------------------------------------------- what there is

    def operation(self, one: OperationSource) -> None:
        raw = one.definition["operation"]
        target = f"o\t{one.operation_id}\t"
        self._add(
            ["operation", one.summary, f"{one.method} {one.path}", target],
            (9, one.summary),
            (7, one.operation_id),
            (5, one.path),
            (2, one.group),
            (1, str(raw.get("description") or "")[:600]),
        )
        for parameter in raw["parameters"]:
            name, place = one_line(parameter["name"], 120), parameter["in"]
            self._once_only(
                ("parameter", name, place),
                ["parameter", name, f"{place} parameter of {one.summary}", f"{target}{place}.{name}"],
                (8, name),
                (1, str(parameter.get("description") or "")[:300]),
            )
            self._values(parameter.get("schema"), f"parameter {name}", f"{target}{place}.{name}")
        body = resolve(one.definition, raw.get("requestBody")) or {}
        self._media(body.get("content"), "body", one)
        for status, answer in raw["responses"].items():
            self._answer(str(status), resolve(one.definition, answer) or {}, one)

    def model(self, name: str, schema: Any, definition: dict[str, Any]) -> None:
        told = str(schema.get("description") or "")[:400] if isinstance(schema, dict) else ""
        self._add(["model", name[:120], "Model", f"m\t{name}\t"], (8, name), (1, told))
        self._fields(schema, f"m\t{name}\tfields", name)

    def guide(self, slug: str, title: str, text: str) -> None:
        for heading, anchor, section in _sections(text):
            shown = f"{title} › {heading}" if heading else title
            self._add(
                ["guide", one_line(shown, 200), "Guide", f"g\t{slug}\t{anchor}"],
                (8, heading or title),
                (3, title),
                (2, section[:20_000]),
            )

    # -------------------------------------------------------------- inside of them

    def _answer(self, status: str, answer: dict[str, Any], one: OperationSource) -> None:
        told = one_line(answer.get("description"), 120)
        anchor = f"o\t{one.operation_id}\tanswer-status-{status}"
        if not status.startswith("2"):
            title = f"{status} {told}".strip()
            self._once_only(
                ("status", title),
                ["error", title, f"Answer of {one.summary}", anchor],
                (7, status),
                (3, told),
            )
        for media in (answer.get("content") or {}).values():
            examples = [resolve(one.definition, entry) for entry in (media.get("examples") or {}).values()]
            values = [entry.get("value") for entry in examples if isinstance(entry, dict)]
            for code in _codes([*values, media.get("example")]) if not status.startswith("2") else ():
                self._once_only(
                    ("code", code),
                    ["error", code, f"Error code, in a {status} of {one.summary}", anchor],
                    (8, code),
                )
        self._media(answer.get("content"), status, one)

    def _media(self, content: Any, anchor: str, one: OperationSource) -> None:
        for media in (content or {}).values():
            self._fields(media.get("schema"), f"o\t{one.operation_id}\t{anchor}", one.summary)
            break  # the others say the same in another format

    def _fields(self, schema: Any, target: str, owner: str, depth: int = 0) -> None:
        """Every property up to the next model, which has its own entries."""
        if not isinstance(schema, dict) or "$ref" in schema or depth > 24:
            return
        for name, child in (schema.get("properties") or {}).items():
            here = f"{target}.{name}"
            told = str(child.get("description") or "")[:300] if isinstance(child, dict) else ""
            shown = one_line(name, 120)
            self._add(["field", shown, f"Field of {owner}", here], (7, shown), (1, told))
            self._values(child, f"{owner}.{shown}", here)
            self._fields(child, here, owner, depth + 1)
        self._fields(schema.get("items"), f"{target}[]", owner, depth + 1)
        self._fields(schema.get("additionalProperties"), f"{target}.*", owner, depth + 1)
        for key in ("allOf", "anyOf", "oneOf"):
            for number, part in enumerate(schema.get(key) or [], 1):
                self._fields(part, target if key == "allOf" else f"{target}.{number}", owner, depth + 1)
        if depth == 0:
            self._values(schema, owner, target)

    def _values(self, schema: Any, owner: str, target: str) -> None:
        if isinstance(schema, dict) and "enum" not in schema and isinstance(schema.get("items"), dict):
            schema = schema["items"]
        values = schema.get("enum") if isinstance(schema, dict) else None
        for value in (values if isinstance(values, list) else [])[:MOST_VALUES]:
            if isinstance(value, (str, int)) and 0 < len(str(value)) <= 80 and not isinstance(value, bool):
                shown = one_line(value, 80)
                self._add(["value", shown, f"Value of {owner}", target], (6, shown))

    # -------------------------------------------------------------- writing it down

    def _once_only(self, key: tuple[str, ...], entry: list[str], *texts: tuple[int, str]) -> None:
        number = self._once.get(key)
        if number is None:
            self._once[key] = len(self._entries)
            self._add(entry, *texts)
        else:
            self._uses[number] = self._uses.get(number, 1) + 1

    def _add(self, entry: list[str], *texts: tuple[int, str]) -> None:
        number = len(self._entries)
        if number >= MOST_ENTRIES:
            return
        self._entries.append(entry)
        best: dict[str, int] = {}
        for weight, text in texts:
            for word in words.of_name(text) if weight > 3 else words.of_text(text):
                if best.get(word, 0) < weight:
                    best[word] = weight
        for word, weight in best.items():
            self._postings.setdefault(word, []).append(number * 16 + weight)


def _codes(values: list[Any], depth: int = 0) -> Iterator[str]:
    for value in values:
        if isinstance(value, list) and depth < 3:
            yield from _codes(value[:5], depth + 1)
        elif isinstance(value, dict):
            for key, inner in value.items():
                if key in _CODES and isinstance(inner, (str, int)) and 0 < len(str(inner)) <= 80:
                    yield one_line(inner, 80)
                elif isinstance(inner, (dict, list)) and depth < 3:
                    yield from _codes([inner], depth + 1)


def _sections(text: str) -> Iterator[tuple[str, str, str]]:
    """(heading, anchor, text) of a guide: what stands before the first heading, then each ## and ###."""
    heading = ""
    lines: list[str] = []
    for line in text.splitlines():
        found = re.match(r"#{2,3} +(.+)", line)
        if found:
            yield heading, anchor_of(heading), "\n".join(lines)
            heading, lines = one_line(found[1].strip("# "), 120), []
        else:
            lines.append(line)
    yield heading, anchor_of(heading), "\n".join(lines)


def anchor_of(heading: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", heading.lower()).strip("-")
