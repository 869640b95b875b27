"""What usage wants to know of the APIs on offer: rate limits, and the calls that their guides expect."""

from __future__ import annotations

import re

from catalog.models import Api, Guide
from catalog.queries import published
from usage.plan import Estimate, Limit

DEFAULT = Limit(110, 60)
USE_CASES = "use-cases"
# A row of the guide's table: | [Employee schedules](#employee-schedules) | 4 | 28 | 120 |
_row = re.compile(r"^\|\s*(?:\[([^\]]+)\]\([^)]*\)|([^|\[]+?))\s*\|\s*(\d+)\s*\|", re.MULTILINE)
_head = re.compile(r"^\|[^|\n]+\|\s*Calls a day\s*\|", re.MULTILINE | re.IGNORECASE)


def limits() -> dict[str, Limit]:
    found = {}
    for api in (
        Api.objects.filter(current__isnull=False).select_related("current").only("slug", "current__frame")
    ):
        assert api.current
        rate = api.current.outline().get("x-rate-limit") or {}
        found[api.slug] = Limit(rate.get("limit", DEFAULT.calls), rate.get("window", DEFAULT.seconds))
    return found


def estimates() -> list[Estimate]:
    """From the guides named `use-cases` that have a table with the column “Calls a day”."""
    guides = Guide.objects.filter(slug=USE_CASES, version__in=published().values("current"))
    found = []
    for api, text in guides.values_list("version__api__slug", "text").order_by("version__api__slug"):
        head = _head.search(text)
        if head is None:
            continue
        table = text[head.start() :].split("\n\n", 1)[0]
        found += [Estimate(api, one or other, int(calls)) for one, other, calls in _row.findall(table)]
    return found
