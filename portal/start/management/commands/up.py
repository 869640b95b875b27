"""Starts the whole portal on this machine; Ctrl-C ends all of it."""

from __future__ import annotations

import io
import os
import signal
import time
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from threading import Thread
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connections

from portal.environment import embedded_socket
from portal.start import commands, demo, prepare
from portal.start.processes import StartFailed, Supervisor

BANNER = """
  {name} is running at {url}

    Account name   {account}
    E-mail         {email}
    Password       {password}
"""
CURL = """
  A first call, ready to paste:

    TOKEN=$(curl -s -u '{client_id}:{client_secret}' \\
      -d grant_type=client_credentials {url}/oauth2/token | sed -E 's/.*"access_token": ?"([^"]+)".*/\\1/')

    curl -s -H "Authorization: Bearer $TOKEN" -H 'Content-Type: application/json' \\
      -d '{{"maxResults": 2}}' {url}/sandbox/workforce/v1/search/employees
"""


class Command(BaseCommand):
    help = (
        "Prepares and starts everything: web, worker, scheduler and, unless REDIS_URL is set, its own Valkey."
    )
    requires_system_checks: list[str] = []  # they cost a second; CI runs them

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--port", type=int, default=8000)
        parser.add_argument("--host", default="127.0.0.1", help="default 127.0.0.1: this machine only")
        parser.add_argument("--workers", type=int, default=2, help="web processes (default 2)")
        parser.add_argument("--bare", action="store_true", help="without the demo tenant")

    def handle(self, *args: Any, **options: Any) -> None:
        supervisor = Supervisor()

        def stop(*_: object) -> None:
            supervisor.asked_to_stop = True

        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, stop)
        try:
            prepare.check_port(options["host"], options["port"])
            with prepare.hold_folder():
                self._run(supervisor, **options)
        except StartFailed as error:
            raise CommandError(str(error)) from None
        except KeyboardInterrupt:
            pass
        finally:
            supervisor.stop()
        self.stdout.write("Stopped.")

    def _run(self, supervisor: Supervisor, **options: Any) -> None:
        host, port = options["host"], options["port"]
        url = os.environ.get("PORTAL_URL") or f"http://{host}:{port}"
        environment = {"PORTAL_URL": url}
        simulated = None if options["bare"] or os.environ.get("PORTAL_BAMBOOHR_URL") else prepare.free_port()
        if simulated is not None:
            environment |= prepare.of_simulator(simulated)
        static = prepare.collect_static()
        if not os.environ.get("REDIS_URL"):
            embedded_socket().unlink(missing_ok=True)
            valkey = supervisor.start(commands.valkey())
            supervisor.wait_for(valkey, embedded_socket().exists, 10)
        # The database is made ready while the web processes load. Only this thread starts processes: a child
        # ends with the thread that made it (processes._die_with_parent).
        with ThreadPoolExecutor(max_workers=1) as beside:
            data = beside.submit(_prepare_data, is_bare=options["bare"])
            if static is not None and static.wait() != 0:
                raise StartFailed("The static files could not be collected.")
            workers = options["workers"]
            web = supervisor.start(
                commands.web(host=host, port=port, workers=workers, environment=environment)
            )
            probe = "127.0.0.1" if host in ("0.0.0.0", "::") else host  # noqa: S104
            supervisor.wait_for(web, lambda: _answers(f"http://{probe}:{port}/healthz"), 60)
            facts = data.result()
        supervisor.start(commands.worker(environment))
        if simulated is not None and facts is not None:
            supervisor.start(commands.hris_simulator(simulated))
        self._greet(url, facts)
        if facts is not None:
            Thread(target=demo.bring_to_life, args=[facts], name="demo history", daemon=True).start()
        supervisor.watch()

    def _greet(self, url: str, facts: demo.Facts | None) -> None:
        if facts is None:
            self.stdout.write(f"\n  {settings.PORTAL_NAME} is running at {url}")
            self.stdout.write(
                "  Make an account: manage.py create_tenant “Your company” --admin you@example.com"
            )
        else:
            self.stdout.write(BANNER.format(name=settings.PORTAL_NAME, url=url, **facts))
            self.stdout.write(CURL.format(url=url, **facts))
        self.stdout.write("\n  Ctrl-C stops it.\n")
        self.stdout.flush()


def _prepare_data(*, is_bare: bool) -> demo.Facts | None:
    try:
        prepare.migrate()
        call_command("publish_apis", stdout=io.StringIO())
        return None if is_bare else demo.prepare()
    finally:
        connections.close_all()


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=1) as answer:  # noqa: S310 - our own address
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError, TimeoutError):
        time.sleep(0.02)
        return False
