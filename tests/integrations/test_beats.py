"""Two schedulers that look all the time and two workers: one sync for each due moment.

PORTAL_TEST_SECONDS=180 for a longer look; it also prints what the workers' memory did.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from tests.integrations.driver import stage

pytestmark = pytest.mark.load
SECONDS = int(os.environ.get("PORTAL_TEST_SECONDS", "8"))
LOOK = """
import django, portal.celery; django.setup()
import datetime, json, threading, time
from django.utils import timezone
from integrations.models import Integration, Sync
from integrations.tasks import start_due
mine = Integration.objects.filter(pk=NUMBER)
past = timezone.now() - datetime.timedelta(days=1)
mine.update(interval=15, start_time=datetime.time(0), starts_at=past)
over = threading.Event()
def look():
    while not over.wait(0.25):
        start_due.delay()
for _ in range(2):
    threading.Thread(target=look, daemon=True).start()
def begun(moment):
    return Sync.objects.filter(planned_at=moment)
def ended(moment):
    return begun(moment).exclude(run__state__in=("queued", "running")).exists()
due, ends = [], time.monotonic() + SECONDS
while time.monotonic() < ends:
    due.append(timezone.now())
    mine.update(next_run_at=due[-1])
    give_up = time.monotonic() + 40
    while not ended(due[-1]) and time.monotonic() < give_up:
        time.sleep(0.05)
over.set()
time.sleep(1)
print(json.dumps([begun(one).filter(run__state="done").count() for one in due]))
print(Sync.objects.filter(planned_at__gte=due[0]).count())
"""


@pytest.fixture(autouse=True)
def valkey() -> None:
    """The site brings its own server."""


def memory(pid: int) -> float:
    """MB in use."""
    line = next(line for line in Path(f"/proc/{pid}/status").read_text().splitlines() if "VmRSS" in line)
    return int(line.split()[1]) / 1024


def test_each_due_moment_starts_one_sync(tmp_path):
    with stage(20, tmp_path, database=os.environ.get("PORTAL_TEST_KIND", "sqlite")) as place:
        workers = [place.worker(), place.worker()]
        script = LOOK.replace("NUMBER", str(place.integration))
        place.place.python(script.replace("SECONDS", "3"))  # both are up, and warm
        before = [memory(worker.pid) for worker in workers]
        lines = place.place.python(script.replace("SECONDS", str(SECONDS))).strip().splitlines()
        after = [memory(worker.pid) for worker in workers]
        place.stop()
        started, in_all = json.loads(lines[-2]), int(lines[-1])
        print(f"\n{len(started)} due moments, {sum(started)} syncs; memory {before} → {after} MB")
        assert started == [1] * in_all
        assert len(started) > 3
        assert place.wfm.duplicates() == []
