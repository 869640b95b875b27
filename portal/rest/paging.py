"""Lists in pages: an opaque cursor leads on, so that a list which grows skips and repeats nothing."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from rest_framework.exceptions import ValidationError
from rest_framework.pagination import CursorPagination
from rest_framework.request import Request
from rest_framework.utils.urls import replace_query_param

Row = TypeVar("Row")
PAGE, MOST = 50, 500


class CursorPages(CursorPagination):
    """For rows of the database. `ordering` is a unique column of them."""

    page_size = PAGE
    max_page_size = MOST
    page_size_query_param = "limit"


def page(
    rows: Sequence[Row], key: Callable[[Row], tuple[Any, ...]], request: Request
) -> tuple[list[Row], str | None]:
    """For a list in memory, ordered by `key` (JSON values): one page, and the address of the next."""
    after = _read(request.query_params.get("cursor", ""))
    left = [row for row in rows if after is None or list(key(row)) > after]
    count = _limit(request.query_params.get("limit", ""))
    shown = left[:count]
    if len(left) <= count:
        return shown, None
    cursor = base64.urlsafe_b64encode(json.dumps(key(shown[-1])).encode()).decode()
    return shown, replace_query_param(request.build_absolute_uri(), "cursor", cursor)


def _read(cursor: str) -> list[Any] | None:
    if not cursor:
        return None
    try:
        found = json.loads(base64.urlsafe_b64decode(cursor))
        return found if isinstance(found, list) and found > [] else _refuse()
    except (ValueError, TypeError, binascii.Error):
        return _refuse()


def _refuse() -> list[Any]:
    raise ValidationError({"cursor": "This is no cursor of this list. Start again without it."})


def _limit(text: str) -> int:
    if not text:
        return PAGE
    if not (text.isascii() and text.isdigit() and 0 < int(text[:9]) <= MOST):
        raise ValidationError({"limit": f"A number from 1 to {MOST}."})
    return int(text)
