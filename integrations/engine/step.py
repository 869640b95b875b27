"""One worker's turn at a run: its hold, its clients, its threads, and how long it may take."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as NotYet
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

from django.utils import timezone

from integrations.connectors import connect
from integrations.connectors.base import Connector
from integrations.destination import Workforce
from integrations.models import Integration
from portal.runs.services import LEASE, Lost, Pause, Progress

Result = TypeVar("Result")
THREADS = 4  # requests to a provider at once
TURN = 120.0  # seconds, well under a task's time limit; then the run is handed on, also to another worker


@dataclass(slots=True)
class Step:
    """Everything waits here, so that the run's hold is renewed while something slow goes on elsewhere."""

    progress: Progress
    integration: Integration
    connector: Connector
    destination: Workforce
    pool: ThreadPoolExecutor  # asks the provider
    line: ThreadPoolExecutor  # asks the workforce API: one thread, one connection
    ends: float

    def ask(self, question: Callable[..., Result], *args: Any) -> Result:
        """Asks the provider. Raises Lost when the hold is gone meanwhile."""
        return self.wait(self.pool.submit(question, *args))

    def tell(self, call: Callable[..., Result], *args: Any, **more: Any) -> Result:
        """Calls the workforce API."""
        return self.wait(self.line.submit(call, *args, **more))

    def wait(self, future: Future[Result]) -> Result:
        while True:
            self.progress.beat()
            try:
                return future.result(timeout=1.0)
            except NotYet:
                if future.done():  # the question itself raised a TimeoutError
                    raise

    def check_time(self) -> None:
        """Raises Pause when this turn has been long enough."""
        if time.monotonic() > self.ends:
            raise Pause

    def check_hold(self) -> None:
        """Raises Lost when the hold may have run out, as after the process was stopped for a while.

        Asked right before a write leaves; what slips through is caught by the write's idempotency key.
        """
        beat = self.progress.beat_at
        if beat is None or timezone.now() - beat > LEASE * 0.8:
            raise Lost


@contextmanager
def turn(integration: Integration, progress: Progress) -> Iterator[Step]:
    connector = connect(integration.provider, integration.company_domain, integration.api_key)
    destination = Workforce(
        environment=integration.environment,
        client_id=integration.client_id,
        client_secret=integration.client_secret,
    )
    pool = ThreadPoolExecutor(THREADS, thread_name_prefix="provider")
    line = ThreadPoolExecutor(1, thread_name_prefix="workforce")
    try:
        yield Step(progress, integration, connector, destination, pool, line, time.monotonic() + TURN)
    finally:
        connector.close()
        pool.shutdown(wait=True, cancel_futures=True)
        line.shutdown(wait=True, cancel_futures=True)
        destination.close()
