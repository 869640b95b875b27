"""What can be wrong with a document; each message says where and what to do."""

from __future__ import annotations


class CatalogError(Exception):
    """Base: `str(error)` may be shown."""


class DocumentRefused(CatalogError):
    """The document cannot be published. `place` is a JSON pointer or a line."""

    def __init__(self, message: str, place: str = "") -> None:
        super().__init__(f"{place}: {message}" if place else message)
        self.message = message
        self.place = place


class PublishedMeanwhile(CatalogError):
    """Somebody else published the same API at the same moment, and won."""
