"""A document published once for many tests, in a transaction around theirs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import orjson
from django.db import transaction


def unlimited(document: dict[str, Any]) -> bytes:
    """The document as JSON, which is read faster, with a rate limit that no test meets by accident."""
    return orjson.dumps({**document, "x-rate-limit": {"limit": 1_000_000, "window": 60}})


def published(blocker: Any, *, slug: str, source: bytes) -> Iterator[None]:
    """For a fixture of a module or package, which yields from it."""
    from catalog.services import publish

    around: Any = transaction.atomic()
    around._from_testcase = True  # as Django's TestCase marks its own: durable blocks may stand inside
    with blocker.unblock():
        around.__enter__()
        publish(slug=slug, source=source, guides=[], by=None)
    yield
    with blocker.unblock():
        transaction.set_rollback(True)
        around.__exit__(None, None, None)
