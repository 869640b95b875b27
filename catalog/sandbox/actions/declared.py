"""One operation's declaration, beside what the document says of its collections."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from catalog.errors import CatalogError


@dataclass(frozen=True, slots=True)
class Declared:
    """`facts` is the operation's `x-sandbox`. A collection may declare:

    key       the property that identifies a row (id)
    ids       how the server makes a key: uuid (default), number (as text) or integer
    new       properties a new row begins with, such as its kind
    unique    dotted properties of which no two rows share a value, regardless of case
    version, created, modified    the properties the server stamps
    """

    facts: Mapping[str, Any]
    collections: Mapping[str, Mapping[str, Any]]
    handlers: ModuleType | None

    @property
    def collection(self) -> str:
        return self.known(self.facts.get("collection"))

    def known(self, collection: Any) -> str:
        if collection not in self.collections:
            raise CatalogError(f"The collection {collection} is not declared.")
        return str(collection)

    def key(self, collection: str) -> str:
        return str(self.collections[self.known(collection)].get("key", "id"))

    def source(self, name: str) -> list[str]:
        """Where in a call the value stands that the declaration names, such as path.id."""
        return str(self.facts[name]).split(".")

    def function(self, name: str) -> Callable[..., Any] | None:
        """The function of the API's handlers.py that the declaration names, if it names one."""
        if name not in self.facts:
            return None
        found: Callable[..., Any] | None = getattr(self.handlers, self.facts[name], None)
        if found is None:
            raise CatalogError(f"handlers.py has no {self.facts[name]}.")
        return found
