"""A portal's database with an integration in it, and workers that are killed, stopped and replaced."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from integrations.simulators.bamboohr import Simulator
from integrations.simulators.company import Company
from portal.bench.site import Site, site
from portal.environment import BASE
from tests.integrations.sweep import end, processes, swept
from tests.integrations.wfm import Wfm

KEY = "k" * 40
PREPARE = """
import django, portal.celery; django.setup()
from integrations.engine import looking
from integrations.models import Integration
from integrations.services import connecting, mapping, people, scheduling
from portal.runs.models import Run
from portal.runs.services import perform
from portal.tenancy.services import create_tenant, create_user
tenant = create_tenant(name="Bench", by=None)
ada = create_user(tenant=tenant, email="ada@bench.example", password=None, by=None)
account = connecting.Account("bamboohr", "bench", "{key}")
made = connecting.create_integration(account=account, company="Bench", by=ada)
perform(Run.objects.get().pk, looking.look)
made.refresh_from_db()
pairs = [mapping.Pair(*one, made.hours_per_day) for one in (("78", "1", "days"), ("79", "2", "hours"),
                                                            ("80", "4", "hours"))]
mapping.save_mappings(integration=made, pairs=pairs, by=ada)
assert people.confirm_people(integration=made, by=ada) == {people}
scheduling.save_schedule(integration=made, interval=None, start=None, by=ada)
print(made.pk)
"""


@dataclass
class Stage:
    """Two servers in this process, everything else in others. `round` numbers the balances."""

    place: Site
    company: Company
    bamboo: Simulator
    wfm: Wfm
    environment: dict[str, str]
    integration: int = 0
    workers: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def change_everything(self, number: int) -> None:
        """Every balance becomes another one, so that a round has three writes a person."""
        for person, held in self.company.balances.items():
            for kind in ("78", "79", "80"):
                held[kind] = f"{number + int(person) % 50}.{int(kind) % 10}0"

    def manage(self, *arguments: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "manage.py", *arguments],
            cwd=BASE,
            env={**os.environ, **self.environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def start_sync(self) -> None:
        script = (
            "import django, portal.celery; django.setup();"
            "from integrations.models import Integration;"
            "from integrations.services.syncing import start_sync;"
            f"start_sync(integration=Integration.objects.get(pk={self.integration}), by=None)"
        )
        subprocess.run(
            [sys.executable, "-c", script], cwd=BASE, env={**os.environ, **self.environment}, check=True
        )

    def worker(self, *, failpoint: str = "") -> subprocess.Popen[bytes]:
        """With a scheduler inside, as `up` starts it."""
        number = len(self.workers)
        command = [sys.executable, "-m", "celery", "--app", "portal.celery", "worker", "--beat"]
        command += ["--schedule", str(self.place.folder / f"beat-{number}"), "--pool", "threads"]
        command += ["--concurrency", "2", "--loglevel", "WARNING", "--without-gossip", "--without-mingle"]
        command += ["--hostname", f"w{number}@here"]
        with (self.place.folder / f"worker-{number}.log").open("ab") as log:
            made = subprocess.Popen(
                command,
                cwd=BASE,
                env={**os.environ, **self.environment, "PORTAL_FAILPOINT": failpoint},
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self.workers.append(made)
        return made

    def kill(self, worker: subprocess.Popen[bytes], number: int = signal.SIGKILL) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(worker.pid, number)
        if number == signal.SIGKILL:
            worker.wait(10)

    def run(self) -> tuple[str, int, str]:
        """State, fence and message of the newest sync."""
        return self.database("SELECT state, fence, message FROM runs_run ORDER BY id DESC LIMIT 1")

    def database(self, query: str) -> Any:
        url = self.place.environment["DATABASE_URL"]
        if url.startswith("sqlite"):
            import sqlite3

            with contextlib.closing(sqlite3.connect(url.removeprefix("sqlite:///"), timeout=20)) as line:
                return line.execute(query).fetchone()
        import psycopg

        with psycopg.connect(url) as line:
            return line.execute(query).fetchone()

    def wait(self, holds: Any, seconds: float) -> float:
        began = time.monotonic()
        while not holds():
            assert time.monotonic() - began < seconds, (self.run(), self.last_words())
            time.sleep(0.05)
        return time.monotonic() - began

    def last_words(self) -> str:
        logs = sorted(self.place.folder.glob("worker-*.log"))
        return "\n".join(log.read_text(errors="replace")[-1500:] for log in logs[-2:])

    def stop(self) -> None:
        """Ends every worker, and the schedulers that Celery starts in sessions of their own."""
        end(processes(self.place.folder, "celery"))
        for worker in self.workers:
            worker.wait(10)
        self.workers.clear()


@contextlib.contextmanager
def stage(people: int, folder: Path, *, latency: float = 0.0, database: str | None = None) -> Iterator[Stage]:
    company = Company("bench", KEY, "Bench")
    with contextlib.ExitStack() as stack:
        wfm = stack.enter_context(Wfm())
        for number in range(people):
            name = (f"First{number}", f"Last{number}", f"person{number}@example.com")
            company.add(*name)
            wfm.add(*name)
        bamboo = stack.enter_context(Simulator([company], latency=latency))
        for server in (wfm, bamboo):
            threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
            stack.callback(server.shutdown)
        url = f"sqlite:///{folder / 'portal.sqlite3'}" if database == "sqlite" else None
        place = stack.enter_context(site(url))
        stack.enter_context(swept(place.folder))
        environment = place.environment | {
            "PORTAL_BAMBOOHR_URL": bamboo.address,
            "PORTAL_PRIVATE_ORIGINS": f"http://127.0.0.1:{bamboo.port}",
            "PORTAL_INTERNAL_URL": wfm.url,
        }
        place.environment.update(environment)
        made = Stage(place, company, bamboo, wfm, environment)
        stack.callback(made.stop)
        script = PREPARE.replace("{key}", KEY).replace("{people}", str(people))
        made.integration = int(place.python(script).strip().splitlines()[-1])
        yield made
