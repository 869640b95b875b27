"""From a document's `x-sandbox` to the program that answers an operation's calls."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from catalog import bundled
from catalog.errors import CatalogError
from catalog.sandbox.actions import ACTIONS, WRITING, Declared
from catalog.sandbox.call import Call, Row
from catalog.sandbox.example import example_program
from catalog.sandbox.guard import guarded
from catalog.sandbox.state import Store
from portal.wire import Reply


@dataclass(frozen=True, slots=True)
class Program:
    """`run` answers a call; `keys` are the collections it works on (none: it needs no state)."""

    run: Callable[[Call], Reply]
    writes: bool
    keys: Mapping[str, str]


def compile_program(
    api: str, outline: Mapping[str, Any], definition: dict[str, Any], operation_id: str
) -> Program:
    """A handler, else an action, else the documented example. Raises CatalogError for a wrong declaration."""
    declared = definition["operation"].get("x-sandbox")
    keys = collections(outline)
    if not declared or not ({"handler", "action"} & declared.keys()):
        return Program(example_program(definition), writes=False, keys={})
    outer = outline.get("x-sandbox") or {}
    known = Declared(declared, outer.get("collections") or {}, bundled.module(api, "handlers"))
    try:
        run = _function(known) or _action(known)
        run = guarded(run, known, [*outer.get("requires", ()), *declared.get("requires", ())], definition)
    except CatalogError as error:
        raise CatalogError(f"{operation_id}: {error}") from None
    writes = bool(declared.get("writes", declared.get("action") in WRITING))
    return Program(run, writes, keys)


def _function(known: Declared) -> Callable[[Call], Reply] | None:
    return known.function("handler")


def _action(known: Declared) -> Callable[[Call], Reply]:
    action = ACTIONS.get(known.facts["action"])
    if action is None:
        raise CatalogError(f"unknown action {known.facts['action']}; known are {', '.join(ACTIONS)}.")
    return action(known)


def collections(outline: Mapping[str, Any]) -> dict[str, str]:
    """Collection to the property that is its key."""
    declared = (outline.get("x-sandbox") or {}).get("collections") or {}
    return {name: str(facts.get("key", "id")) for name, facts in declared.items()}


def store(*, tenant_id: int, api: str, keys: Mapping[str, str], today: date) -> Store:
    return Store(tenant_id, api, keys, lambda day: seed(api, day), today)


def seed(api: str, today: date) -> Mapping[str, Iterable[Row]]:
    """What a new sandbox holds: `seed.rows(today)` of the API's folder, else nothing."""
    module = bundled.module(api, "seed")
    return module.rows(today) if module else {}
