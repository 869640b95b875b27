"""The token endpoint against the toolkit's stock one, each with one worker: tokens per core."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
from pathlib import Path

from portal.bench.load import request
from portal.bench.report import Contender, compare
from portal.bench.site import PREPARE, Site, served, site
from portal.environment import BASE


def run(*, database: str | None, clients: int, rounds: int, seconds: float) -> list[str]:
    with site(database) as place:
        made = json.loads(place.python(PREPARE))
        stock_environment = {"STOCK_DATABASE_URL": _stock_database(place), "DJANGO_SETTINGS_MODULE": ""}
        subprocess.run(
            [sys.executable, "-m", "portal.bench.stock"], cwd=BASE, env=_with(stock_environment), check=True
        )
        with (
            served("portal.bench.stock:application", stock_environment, workers=1, path="/o/") as stock,
            served("portal.wsgi:application", place.environment, workers=1, path="/healthz") as portal,
        ):
            lines = compare(
                [
                    Contender(
                        "toolkit's stock endpoint",
                        stock,
                        [_ask("/o/token/", "bench", "bench-secret-bench-secret")],
                        2,
                    ),
                    Contender(
                        "token endpoint",
                        portal,
                        [_ask("/oauth2/token", made["client_id"], made["secret"])],
                        clients,
                    ),
                ],
                rounds=rounds,
                seconds=seconds,
                warm_up=2.0,
            )
        return [f"{place.database} + Valkey, 1 worker each, {rounds} × {seconds} s", *lines]


def _ask(path: str, client_id: str, secret: str) -> bytes:
    basic = base64.b64encode(f"{client_id}:{secret}".encode()).decode()
    headers = {"Authorization": f"Basic {basic}", "Content-Type": "application/x-www-form-urlencoded"}
    return request("POST", path, headers, b"grant_type=client_credentials")


def _with(environment: dict[str, str]) -> dict[str, str]:
    import os

    return {**os.environ, **environment}


def _stock_database(place: Site) -> str:
    """A database of its own on the same server, so that the portal's tables stay out of the comparison."""
    url = place.environment["DATABASE_URL"]
    if place.database == "SQLite":
        return f"sqlite:///{Path(place.folder) / 'stock.sqlite3'}"
    place.python(
        "import django; django.setup()\n"
        "from django.db import connection\n"
        "with connection.cursor() as cursor:\n"
        "    cursor.execute('DROP DATABASE IF EXISTS portal_bench_stock')\n"
        "    cursor.execute('CREATE DATABASE portal_bench_stock')\n"
    )
    head, _, tail = url.partition("?")
    return head.rsplit("/", 1)[0] + "/portal_bench_stock" + (f"?{tail}" if tail else "")
