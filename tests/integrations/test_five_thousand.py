"""Many people and three types against a provider that needs 50 ms a call: how long, and how much memory.

PORTAL_TEST_PEOPLE=5000 for the figure; by default fewer, and then with room for what does not grow.
"""

from __future__ import annotations

import base64
import contextlib
import http.client
import os
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.integrations.driver import KEY, stage

pytestmark = pytest.mark.load
PEOPLE = int(os.environ.get("PORTAL_TEST_PEOPLE", "500"))
LATENCY = 0.05
THREADS = 4


@pytest.fixture(autouse=True)
def valkey() -> None:
    """The site brings its own server."""


def rss(pid: int) -> float:
    """MB in use."""
    try:
        with open(f"/proc/{pid}/status") as file:
            line = next(line for line in file if line.startswith("VmRSS"))
        return int(line.split()[1]) / 1024
    except (OSError, StopIteration):
        return 0.0


def bare_pace(place) -> float:
    """Seconds that a plain client with as many threads needs for one request, now and on this machine."""
    numbers = [one["eeid"] for one in place.company.employees[:400]]
    headers = {"Authorization": "Basic " + base64.b64encode(f"{KEY}:x".encode()).decode()}
    headers["Accept"] = "application/json"

    def ask(number: str) -> None:
        line = http.client.HTTPConnection("127.0.0.1", place.bamboo.port)
        with contextlib.closing(line):
            line.request("GET", f"/bench/api/v1/employees/{number}/time_off/calculator", headers=headers)
            assert line.getresponse().read()

    began = time.monotonic()
    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(ask, numbers))
    return (time.monotonic() - began) / len(numbers)


def test_a_large_sync_costs_what_the_provider_s_pace_allows(tmp_path):
    with stage(
        PEOPLE, tmp_path, latency=LATENCY, database=os.environ.get("PORTAL_TEST_KIND", "sqlite")
    ) as place:
        place.change_everything(7)
        seen, before = [], bare_pace(place)
        calls = len(place.bamboo.board.asked())
        child = place.manage("sync_integrations", str(place.integration), "--here")
        while child.poll() is None:
            seen.append((len(place.bamboo.board.ledger) - calls, rss(child.pid)))
            time.sleep(0.1)
        ended = time.time()
        bare = (before + bare_pace(place)) / 2 * PEOPLE
        with child.stdout:
            said = child.stdout.read()
        entries = [one for one in place.bamboo.board.ledger[calls:] if one.at < ended]
        first = entries[0].at - LATENCY
    reading = [memory for asked, memory in seen if asked > 50]
    work = ended - first
    others = len([one for one in entries if "calculator" not in one.path])
    allowed = (others + PEOPLE / THREADS) * LATENCY
    print(f"\n{PEOPLE} people, {len(entries)} calls: {work:.1f} s")
    print(f"allowed {allowed:.1f} s, {work / allowed:.3f} ×")
    print(f"a plain client's requests alone: {bare:.1f} s, {work / bare:.3f} ×")
    print(f"memory {reading[0]:.0f} MB at the start of reading, at most {max(reading):.0f} MB")
    assert f"{3 * PEOPLE:,} created" in said, said
    assert len(place.wfm.applied) == 3 * PEOPLE
    assert place.wfm.duplicates() == []
    assert max(reading) - reading[0] < 60
    assert work < 1.4 * max(bare, allowed) + 2
