"""What the catalog's pages cost for documents of three sizes, in one process with a database of its own."""

from __future__ import annotations

import gzip
import json
import os
import resource
import subprocess
import sys
import time
from statistics import median
from typing import Any

from portal.bench.catalog_document import make_document
from portal.bench.site import site
from portal.environment import BASE

SIZES: tuple[tuple[int, dict[str, int]], ...] = (
    (48, {}),
    (1000, {"rows": 11}),
    (5000, {"fields": 5, "rows": 1}),
)
QUESTIONS = ("search account", "acount", "emplyee segment", "v1", "not_found", "shceduel", "s")


def run(*, database: str | None, rounds: int) -> list[str]:
    lines = [
        "operations    document   publish   memory   page p50     p99"
        "    page bytes (gzip)   search p50     max"
    ]
    for operations, shape in SIZES:
        with site(database) as place:
            job = json.dumps({"operations": operations, "shape": shape, "rounds": rounds})
            command = [sys.executable, "-m", "portal.bench.catalog", job]
            done = subprocess.run(  # noqa: S603 - our own module
                command,
                cwd=BASE,
                env={**os.environ, **place.environment},
                capture_output=True,
                text=True,
                check=False,
            )
            if done.returncode:
                raise SystemExit(done.stderr[-2000:])
            lines.append(_line(json.loads(done.stdout.splitlines()[-1])))
            name = place.database
    return [f"{name}, one process, {rounds} requests a figure", *lines]


def _line(told: dict[str, Any]) -> str:
    return (
        f"{told['operations']:>10,} {told['megabytes']:>8.1f} MB {told['publish']:>7.1f} s"
        f" {told['memory']:>5.0f} MB {told['page_p50']:>7.1f} ms {told['page_p99']:>5.1f} ms"
        f" {told['bytes']:>9,} ({told['compressed']:,})"
        f" {told['search_p50']:>10.1f} ms {told['search_max']:>5.1f} ms"
    )


def measure(operations: int, shape: dict[str, int], rounds: int) -> dict[str, Any]:
    import django

    django.setup()
    from django.conf import settings
    from django.test import Client

    from catalog.search.views import find
    from catalog.services import publish

    settings.CATALOG_DOCUMENT_LIMIT = 64 * 1024 * 1024
    source = make_document(operations, **shape)
    began = time.perf_counter()
    version = publish(slug="made", source=source, by=None)
    took = time.perf_counter() - began
    child, own = (
        resource.getrusage(who).ru_maxrss / 1024 for who in (resource.RUSAGE_CHILDREN, resource.RUSAGE_SELF)
    )
    client = Client(HTTP_HOST="127.0.0.1", HTTP_ACCEPT_ENCODING="gzip")
    client.force_login(_reader())
    middle = version.operations.all()[operations // 2].operation_id
    pages = [_timed(lambda: client.get(f"/catalog/made/operations/{middle}/")) for _ in range(rounds + 3)][3:]
    answer = client.get(f"/catalog/made/operations/{middle}/")
    assert answer.status_code == 200
    for question in QUESTIONS:
        find(question, limit=12)
    searches = [median(_timed(lambda: find(one, limit=12)) for _ in range(9)) for one in QUESTIONS]  # noqa: B023
    return {
        "operations": operations,
        "megabytes": len(source) / 1e6,
        "publish": took,
        "memory": max(child, own),
        "page_p50": median(pages),
        "page_p99": sorted(pages)[int(len(pages) * 0.99) - 1],
        "bytes": len(gzip.decompress(answer.content)),
        "compressed": len(answer.content),
        "search_p50": median(searches),
        "search_max": max(searches),
    }


def _reader() -> Any:
    from portal.tenancy.models import User
    from portal.tenancy.services import create_tenant

    tenant = create_tenant(name="Bench Reader", region="us", time_zone="UTC", by=None)
    return User.objects.create(tenant=tenant, email="reader@bench.example", role="viewer")


def _timed(act: Any) -> float:
    """Milliseconds."""
    began = time.perf_counter()
    act()
    return (time.perf_counter() - began) * 1000


if __name__ == "__main__":
    print(json.dumps(measure(**json.loads(sys.argv[1]))))  # noqa: T201
