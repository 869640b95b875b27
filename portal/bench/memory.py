"""What a web worker holds once it has answered every operation of every API, one of 12 MB among them."""

from __future__ import annotations

import contextlib
import http.client
import json
import re
from collections import Counter

from portal.bench.catalog_document import make_document
from portal.bench.gateway import get_token
from portal.bench.site import Server, served, site

PUBLISH = """
import django; django.setup()
from pathlib import Path
from catalog.services import publish
publish(slug="made", source=Path({path!r}).read_bytes(), by=None)
"""
ADDRESSES = """
import json, django; django.setup()
from catalog.models import Operation
from django.db.models import F
rows = Operation.objects.filter(version=F("version__api__current")).order_by("version__api__slug", "pk")
print(json.dumps(list(rows.values_list("version__api__slug", "method", "path"))))
"""


def run(*, database: str | None) -> list[str]:
    with contextlib.ExitStack() as stack:
        place = stack.enter_context(site(database))
        source = place.folder / "made.json"
        source.write_bytes(make_document(1000, rows=11))
        place.python(PUBLISH.format(path=str(source)))
        portal = stack.enter_context(
            served("portal.wsgi:application", place.environment, workers=1, path="/healthz")
        )
        token = get_token(place, portal)
        addresses = [tuple(row) for row in json.loads(place.python(ADDRESSES).splitlines()[-1])]
        return [f"{place.database}, one web worker", *_lines(portal, token, addresses)]


def _lines(portal: Server, token: str, addresses: list[tuple[str, str, str]]) -> list[str]:
    bundled = [row for row in addresses if row[0] != "made"]
    lines = [_line(portal, "started", Counter())]
    for what, some in (
        ("every bundled operation called", bundled),
        ("and 1,000 of a 12 MB document", addresses),
    ):
        lines.append(_line(portal, what, _called(portal, token, some)))
    return lines


def _called(portal: Server, token: str, addresses: list[tuple[str, str, str]]) -> Counter[int]:
    """Every address once, with an empty object where it takes a body; whatever the answer."""
    statuses: Counter[int] = Counter()
    line = http.client.HTTPConnection("127.0.0.1", portal.port, timeout=30)
    for slug, method, path in addresses:
        if method.upper() == "DELETE" and path.endswith("/authorize"):
            continue  # would end the token
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        body = b"{}" if method.upper() in ("POST", "PUT", "PATCH") else None
        line.request(method.upper(), f"/sandbox/{slug}" + re.sub(r"{[^}]+}", "1", path), body, headers)
        answer = line.getresponse()
        answer.read()
        statuses[answer.status] += 1
    return statuses


def _line(portal: Server, what: str, statuses: Counter[int]) -> str:
    held = portal.memory()
    told = " ".join(f"{status}:{count}" for status, count in sorted(statuses.items()))
    return f"{what:32} {held:6.0f} MB  {told}"
