"""What changed in one operation from a version to the next, and whether it can break a client.

What a client sends may become wider, what it is answered may become narrower: the rest can break it.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any, TypedDict

from catalog.openapi.closure import resolve
from catalog.openapi.shape import Budget, merged_schema

MOST = 200  # changes told of one operation
DEEPEST = 12
# A limit that shrinks what is allowed when it falls, or when it rises.
_UPPER = ("maxLength", "maximum", "exclusiveMaximum", "maxItems", "maxProperties")
_LOWER = ("minLength", "minimum", "exclusiveMinimum", "minItems", "minProperties")


class Change(TypedDict):
    operation: str
    method: str
    path: str
    summary: str
    kind: str  # added, removed, changed, deprecated
    place: str  # "body · employees[].status"; empty: the operation itself
    text: str
    breaking: bool


def compare(row: dict[str, Any], old: Any, new: Any) -> list[Change]:
    """`old` and `new` are definitions, None where the operation is not there; `row` says which one it is."""
    if old is None:
        return [_change(row, "added", "", "Operation added", False)]
    if new is None:
        return [_change(row, "removed", "", "Operation removed", True)]
    return [_change(row, *one) for one in islice(_Compare(old, new).all(), MOST)]


def _change(row: dict[str, Any], kind: str, place: str, text: str, breaking: bool) -> Change:
    return {
        "operation": row["operation_id"],
        "method": row["method"],
        "path": row["path"],
        "summary": row["summary"],
        "kind": kind,
        "place": place[:300],
        "text": text[:400],
        "breaking": breaking,
    }


Found = Iterator[tuple[str, str, str, bool]]


class _Compare:
    def __init__(self, old: dict[str, Any], new: dict[str, Any]) -> None:
        self.old, self.new = old, new
        self.budget = Budget(merges=20_000)
        self.seen: set[tuple[str, str, bool]] = set()

    def all(self) -> Found:
        old, new = self.old["operation"], self.new["operation"]
        if new.get("deprecated") is True and old.get("deprecated") is not True:
            yield "deprecated", "", "Operation deprecated", False
        if old.get("x-sunset") != new.get("x-sunset") and new.get("x-sunset"):
            yield "deprecated", "", f"Will be switched off on {new['x-sunset']}", False
        if _scopes(new) - _scopes(old):
            yield "changed", "", f"Needs the scope {', '.join(sorted(_scopes(new) - _scopes(old)))}", True
        yield from self._parameters(old, new)
        yield from self._body(old, new)
        yield from self._answers(old, new)

    def _parameters(self, old: dict[str, Any], new: dict[str, Any]) -> Found:
        before = {(one["in"], one["name"]): one for one in old.get("parameters", [])}
        after = {(one["in"], one["name"]): one for one in new.get("parameters", [])}
        for key, one in after.items():
            place = f"{key[0]} · {key[1]}"
            if key not in before:
                needed = one.get("required") is True
                yield "added", place, "Parameter added" + (", required" if needed else ""), needed
                continue
            if one.get("required") is True and before[key].get("required") is not True:
                yield "changed", place, "Parameter became required", True
            if one.get("deprecated") is True and before[key].get("deprecated") is not True:
                yield "deprecated", place, "Parameter deprecated", False
            yield from self._schemas(before[key].get("schema"), one.get("schema"), place, sent=True)
        for key in before.keys() - after.keys():
            yield "removed", f"{key[0]} · {key[1]}", "Parameter removed", True

    def _body(self, old: dict[str, Any], new: dict[str, Any]) -> Found:
        before = resolve(self.old, old.get("requestBody")) or {}
        after = resolve(self.new, new.get("requestBody")) or {}
        if after and not before:
            needed = after.get("required") is True
            yield "added", "body", "Body added" + (", required" if needed else ""), needed
        elif before and not after:
            yield "removed", "body", "Body removed", True
        elif after.get("required") is True and before.get("required") is not True:
            yield "changed", "body", "Body became required", True
        if before and after:
            yield from self._content(before, after, "body", sent=True)

    def _answers(self, old: dict[str, Any], new: dict[str, Any]) -> Found:
        before, after = old.get("responses") or {}, new.get("responses") or {}
        for status in after.keys() - before.keys():
            yield "added", f"response {status}", "Response added", False
        for status in before.keys() - after.keys():
            yield "removed", f"response {status}", "Response removed", status.startswith("2")
        for status in sorted(before.keys() & after.keys()):
            was, now = resolve(self.old, before[status]) or {}, resolve(self.new, after[status]) or {}
            headers = (was.get("headers") or {}).keys() - (now.get("headers") or {}).keys()
            for name in sorted(headers):
                yield "removed", f"response {status} · {name}", "Header removed", True
            yield from self._content(was, now, f"response {status}", sent=False)

    def _content(self, old: dict[str, Any], new: dict[str, Any], place: str, *, sent: bool) -> Found:
        before, after = old.get("content") or {}, new.get("content") or {}
        for kind in sorted(before.keys() - after.keys()):
            yield "removed", place, f"No longer as {kind}", True
        for kind in sorted(after.keys() - before.keys()):
            yield "added", place, f"Also as {kind}", False
        for kind in sorted(before.keys() & after.keys()):
            yield from self._schemas(before[kind].get("schema"), after[kind].get("schema"), place, sent=sent)

    def _schemas(self, old: Any, new: Any, place: str, *, sent: bool, depth: int = 0) -> Found:
        names = (_reference(old), _reference(new), sent)
        if depth > DEEPEST or self.budget.merges <= 0 or (any(names[:2]) and names in self.seen):
            return
        self.seen.add(names)
        was = merged_schema(old, self.old, [], self.budget)
        now = merged_schema(new, self.new, [], self.budget)
        if not isinstance(was, dict) or not isinstance(now, dict):
            return
        yield from _value(was, now, place, sent)
        yield from self._properties(was, now, place, sent, depth)
        if "items" in was and "items" in now:
            yield from self._schemas(was["items"], now["items"], f"{place}[]", sent=sent, depth=depth + 1)
        for key in ("oneOf", "anyOf"):
            yield from self._options(was.get(key), now.get(key), place, sent, depth)

    def _properties(
        self, was: dict[str, Any], now: dict[str, Any], place: str, sent: bool, depth: int
    ) -> Found:
        before, after = was.get("properties") or {}, now.get("properties") or {}
        needed_before, needed = set(was.get("required") or []), set(now.get("required") or [])
        dot = "." if " · " in place else " · "
        for name in before:
            if name not in after:
                yield "removed", f"{place}{dot}{name}", "Field removed", True
        for name in after:
            here = f"{place}{dot}{name}"
            if name not in before:
                harms = sent and name in needed
                yield "added", here, "Field added" + (", required" if harms else ""), harms
                continue
            if sent and name in needed - needed_before:
                yield "changed", here, "Field became required", True
            if not sent and name in needed_before - needed:
                yield "changed", here, "Field may now be missing", True
            yield from self._schemas(before[name], after[name], here, sent=sent, depth=depth + 1)

    def _options(self, was: Any, now: Any, place: str, sent: bool, depth: int) -> Found:
        if not isinstance(was, list) or not isinstance(now, list):
            return
        before, after = ({_reference(one): one for one in some if _reference(one)} for some in (was, now))
        for name in sorted(before.keys() - after.keys()):
            yield "removed", place, f"Choice {name} removed", sent
        for name in sorted(after.keys() - before.keys()):
            yield "added", place, f"Choice {name} added", not sent
        for name in sorted(before.keys() & after.keys()):
            yield from self._schemas(before[name], after[name], place, sent=sent, depth=depth + 1)


def _value(was: dict[str, Any], now: dict[str, Any], place: str, sent: bool) -> Found:
    if was.get("type") != now.get("type") and was.get("type") and now.get("type"):
        before, after = _kinds(was), _kinds(now)
        widened, narrowed = after > before, after < before
        harmless = widened if sent else narrowed
        yield "changed", place, f"Type {_words(before)} became {_words(after)}", not harmless
    if was.get("format") != now.get("format"):
        yield (
            "changed",
            place,
            f"Format {was.get('format', 'none')} became {now.get('format', 'none')}",
            sent or "format" in was,
        )
    if now.get("deprecated") is True and was.get("deprecated") is not True:
        yield "deprecated", place, "Field deprecated", False
    yield from _enum(was.get("enum"), now.get("enum"), place, sent)
    for key in (*_UPPER, *_LOWER):
        if was.get(key) != now.get(key):
            tighter = _is_tighter(key, was.get(key), now.get(key))
            yield (
                "changed",
                place,
                f"{key}: {was.get(key, 'none')} became {now.get(key, 'none')}",
                tighter is sent,
            )
    if was.get("pattern") != now.get("pattern"):
        yield "changed", place, "Pattern changed", "pattern" in (now if sent else was)
    if was.get("default") != now.get("default"):
        yield "changed", place, f"Default {was.get('default')!r} became {now.get('default')!r}", sent


def _enum(was: Any, now: Any, place: str, sent: bool) -> Found:
    if not isinstance(was, list) or not isinstance(now, list):
        if isinstance(now, list) and sent:
            yield "changed", place, "Only listed values are taken now", True
        return
    for value in [one for one in was if one not in now]:
        yield "removed", place, f"Value {value!r} removed", sent
    for value in [one for one in now if one not in was]:
        # A new value in an answer surprises clients that know the old list only.
        yield "added", place, f"Value {value!r} added", not sent


def _is_tighter(key: str, was: Any, now: Any) -> bool:
    if not isinstance(was, (int, float)) or not isinstance(now, (int, float)):
        return now is not None
    return now < was if key in _UPPER else now > was


def _kinds(schema: dict[str, Any]) -> set[str]:
    kinds = schema["type"]
    return {str(one) for one in kinds} if isinstance(kinds, list) else {str(kinds)}


def _words(kinds: set[str]) -> str:
    return " or ".join(sorted(kinds))


def _reference(schema: Any) -> str:
    return str(schema.get("$ref", "")).rsplit("/", 1)[-1] if isinstance(schema, dict) else ""


def _scopes(operation: dict[str, Any]) -> set[str]:
    return {scope for one in operation.get("security") or [] for names in one.values() for scope in names}
