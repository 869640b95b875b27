"""Row E7: twelve ways for an upstream to fail, many times each, beside another tenant's calls."""

from __future__ import annotations

import http.client
import json
import os
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from statistics import quantiles
from typing import Any

import pytest

from portal.bench.site import Server, Site, served, site
from tests.catalog.live.faults import FAULTS, STREAMS, listening
from tests.load.test_many_processes import base, token_for, wait_until

pytestmark = pytest.mark.load
TIMES = int(os.environ.get("PORTAL_TEST_FAULTS", "6"))  # each; 100 for the whole row
TOGETHER = 3  # a tenant's calls that may wait in one process

PREPARE = """
import json, sys, django; django.setup()
from apps.models import App
from apps.services import create_app
from catalog.access.services import set_upstream
from portal.tenancy.services import create_tenant, create_user
made = []
for name in ("Bench", "Other"):
    tenant = create_tenant(name=name, by=None)
    ada = create_user(tenant=tenant, email=f"ada@{name.lower()}.example", password="-", by=None, role="admin")
    app = create_app(name="Client", description="", by=ada)
    App.objects.filter(pk=app.app.pk).update(rate_limit=2_000_000_000)
    made.append([app.client_id, app.secret])
    if name == "Bench":
        for api, port in json.loads(sys.argv[1]).items():
            empty = dict.fromkeys(["header", "token_address", "client_id", "scope", "secret"], "")
            address = f"http://127.0.0.1:{port}"
            set_upstream(tenant=tenant, api=api, address=address, by=ada, timeout=1, sign_in="none", **empty)
print(json.dumps(made))
"""


@pytest.fixture(autouse=True)
def valkey() -> None:
    """The site brings its own server."""


@pytest.fixture
def place() -> Iterator[Site]:
    with site(os.environ.get("PORTAL_TEST_DATABASE")) as made:
        made.environment["PORTAL_ALLOW_PRIVATE_FETCH"] = "true"
        made.environment["PORTAL_VALKEY_PATIENCE"] = "3"  # a busy machine is not an absent server
        yield made


def asked(server: Server, path: str, token: str, body: dict[str, Any]) -> int:
    """The status; of a body without an end, the first megabyte is read."""
    line = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
    try:
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        line.request("POST", path, json.dumps(body), headers)
        answer = line.getresponse()
        answer.read(1_000_000)
        return answer.status
    finally:
        line.close()


def test_faulty_upstreams_are_problems_of_their_tenant_alone(place: Site) -> None:
    now: list[Any] = [None]
    with listening(lambda line: now[0](line)) as port:
        import httpx2

        made = json.loads(place.python(PREPARE.replace("sys.argv[1]", repr(json.dumps({"workforce": port})))))
        with (
            served("portal.wsgi:application", place.environment, workers=2, path="/healthz") as server,
            httpx2.Client(base_url=base(server)) as client,
            ThreadPoolExecutor(TOGETHER) as pool,
        ):
            faulty, other = (token_for(client, *one) for one in made)
            quiet = beside(server, other, lambda: time.sleep(2))
            held = server.memory()
            wrong: dict[str, Counter[int]] = {}

            def all_faults() -> None:
                for name, (answer, expected) in (FAULTS | STREAMS).items():
                    now[0] = answer
                    statuses = Counter(
                        pool.map(
                            lambda _: asked(server, "/live/workforce/v1/search/employees", faulty, {}),
                            range(TIMES),
                        )
                    )
                    if name == "endless body":  # whose client has gone holds its place until it is noticed
                        statuses[expected] += statuses.pop(503, 0)
                    if statuses != Counter({expected: TIMES}):
                        wrong[name] = statuses

            busy = beside(server, other, all_faults)
            grown = server.memory() - held
    print(
        f"{len(FAULTS | STREAMS)} faults x {TIMES}: memory {grown:+.0f} MB; another tenant's p99"
        f" {quiet[1]:.1f} ms before ({quiet[0]} calls), {busy[1]:.1f} ms meanwhile ({busy[0]})"
    )
    assert wrong == {}
    assert grown < 50


def beside(server: Server, token: str, act: Any) -> tuple[int, float]:
    """How many calls another tenant made while `act` ran, and their p99 in ms; all were answered."""
    stop, took, statuses = threading.Event(), [], Counter()

    def go_on() -> None:
        while not stop.is_set():
            began = time.perf_counter()
            statuses[asked(server, "/sandbox/workforce/v1/search/employees", token, {"maxResults": 3})] += 1
            took.append((time.perf_counter() - began) * 1000)
            time.sleep(0.005)

    thread = threading.Thread(target=go_on)
    thread.start()
    try:
        act()
        wait_until(lambda: len(took) >= 100)
    finally:
        stop.set()
        thread.join()
    assert statuses.keys() == {200}
    return len(took), quantiles(took, n=100)[98]
