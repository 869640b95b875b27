"""What must hold over several web processes with warm caches, on loopback, bounded in calls and time."""

from __future__ import annotations

import contextlib
import json
import os
import re
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx2
import pytest

from portal.bench.site import Server, Site, served, site

pytestmark = pytest.mark.load
SEARCH = "/sandbox/workforce/v1/search/employees"
ROUNDS = 25
PASSWORD = "a long enough test password"

PREPARE = f"""
import json, django; django.setup()
from apps.models import App
from apps.services import create_app
from portal.tenancy.services import create_tenant, create_user
tenant = create_tenant(name="Bench", by=None)
ada = create_user(tenant=tenant, email="ada@bench.example", password={PASSWORD!r}, by=None)
free = create_app(name="Free", description="", by=ada)
tight = create_app(name="Tight", description="", by=ada)
App.objects.filter(pk=free.app.pk).update(rate_limit=2_000_000_000)
App.objects.filter(pk=tight.app.pk).update(rate_limit=100)
print(json.dumps([[one.app.public_id, one.client_id, one.secret] for one in (free, tight)]))
"""


@pytest.fixture(autouse=True)
def valkey() -> None:
    """The site brings its own server."""


@pytest.fixture(scope="module")
def place() -> Iterator[Site]:
    with site(os.environ.get("PORTAL_TEST_DATABASE")) as made:
        yield made


@pytest.fixture(scope="module")
def apps(place: Site) -> list[list[str]]:
    return json.loads(place.python(PREPARE))


@pytest.fixture(scope="module")
def server(place: Site, apps: Any) -> Iterator[Server]:
    patient = place.environment | {"PORTAL_VALKEY_PATIENCE": "3"}  # a busy machine is not an absent server
    with served("portal.wsgi:application", patient, workers=4, path="/healthz") as running:
        yield running


def token_for(client: httpx2.Client, client_id: str, secret: str) -> str:
    answer = client.post("/oauth2/token", data={"grant_type": "client_credentials"}, auth=(client_id, secret))
    assert answer.status_code == 200, answer.text
    return str(answer.json()["access_token"])


def call(client: httpx2.Client, token: str) -> int:
    return client.post(
        SEARCH, json={"maxResults": 1}, headers={"Authorization": f"Bearer {token}"}
    ).status_code


def base(server: Server) -> str:
    return f"http://127.0.0.1:{server.port}"


def signed_in(server: Server) -> httpx2.Client:
    client = httpx2.Client(base_url=base(server), follow_redirects=True, timeout=20)
    client.post("/signin/", data={"account": "bench", **csrf(client, "/signin/")})
    fields = {"account": "bench", "email": "ada@bench.example", "password": PASSWORD}
    home = client.post("/signin/", data=fields | csrf(client, "/signin/"))
    assert home.url.path == "/", home.text[:2000]
    return client


def csrf(client: httpx2.Client, path: str) -> dict[str, str]:
    page = client.get(path)
    return {"csrfmiddlewaretoken": re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.text)[1]}


def wait_until(holds: Callable[[], bool]) -> None:
    ends = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < ends
        time.sleep(0.01)


def test_regenerated_credentials_are_dead_everywhere_at_once(server, apps):
    """Row D3: caches of four processes hot; after the answer no call with the old token is let in."""
    public_id, client_id, secret = apps[0]
    accepted_late = calls = 0
    with contextlib.closing(signed_in(server)) as person, httpx2.Client(base_url=base(server)) as client:
        token = token_for(client, client_id, secret)
        for _ in range(ROUNDS):
            stop, seen = threading.Event(), []

            def hammer(token: str = token, stop: threading.Event = stop, seen: list[Any] = seen) -> None:
                with httpx2.Client(base_url=base(server)) as own:
                    while not stop.is_set():
                        sent = time.monotonic()
                        seen.append((sent, call(own, token)))

            threads = [threading.Thread(target=hammer) for _ in range(4)]
            for thread in threads:
                thread.start()
            wait_until(lambda seen=seen: len(seen) >= 20)
            form = person.get(f"/apps/{public_id}/regenerate/").text
            fields = dict(re.findall(r'name="(csrfmiddlewaretoken|epoch)" value="([^"]+)"', form))
            page = person.post(f"/apps/{public_id}/regenerate/", data=fields)
            answered = time.monotonic()
            assert page.status_code == 200
            after = len(seen)
            wait_until(lambda seen=seen, after=after: len(seen) >= after + 20)
            stop.set()
            for thread in threads:
                thread.join()
            assert any(status == 200 for sent, status in seen if sent < answered), Counter(s for _, s in seen)
            assert any(sent > answered for sent, _ in seen)
            accepted_late += sum(status == 200 for sent, status in seen if sent > answered)
            calls += len(seen)
            client_id = re.search(r"wdpc_[0-9A-Za-z]+", page.text)[0]
            secret = re.search(r"wdps_live_[0-9A-Za-z]+", page.text)[0]
            token = token_for(client, client_id, secret)
    print(f"{ROUNDS} rounds, {calls} calls, {accepted_late} accepted after the answer")
    assert accepted_late == 0


def test_a_thousand_parallel_calls_pass_the_limit_exactly(server, apps):
    """Row E2: limit 100, four processes."""
    _, client_id, secret = apps[1]
    with httpx2.Client(base_url=base(server)) as client:
        token = token_for(client, client_id, secret)

    def burst(_: int) -> Counter[int]:
        with httpx2.Client(base_url=base(server)) as own:
            return Counter(call(own, token) for _ in range(62))

    with ThreadPoolExecutor(16) as pool:
        total = sum(pool.map(burst, range(16)), Counter())
    assert total == Counter({200: 100, 429: 16 * 62 - 100})
