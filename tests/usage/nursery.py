"""Roll-up workers that count one batch each time they are told to: a test knows where it kills them."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from portal.environment import BASE

# Each byte that comes in is for one worker to begin a batch; where there is no worker, for that many workers.
PROGRAM = """
import os, time, django; django.setup()
from django.conf import settings
settings.DATABASES["default"]["NAME"] = os.environ.get("TEST_NAME") or settings.DATABASES["default"]["NAME"]
from usage import roll_up as r
r.BATCH = int(os.environ["TEST_BATCH"])
count = r._count
def count_when_told(*args):
    os.read(0, 1)
    began = time.perf_counter()
    os.write(1, b"begun\\n")
    try:
        count(*args)
        os.write(1, f"{time.perf_counter() - began}\\n".encode())
    except r.Overtaken:
        os.write(1, b"overtaken\\n")
        raise
r._count = count_when_told
while wanted := os.read(0, 1):
    workers = []
    for _ in range(wanted[0]):
        workers.append(os.fork())
        while not workers[-1]:
            r.roll_up()
    os.write(1, f"{' '.join(map(str, workers))}\\n".encode())
    for worker in workers:
        os.waitpid(worker, 0)
    os.write(1, b"gone\\n")
"""


class Nursery:
    def __init__(self, process: subprocess.Popen[bytes], draw: random.Random) -> None:
        assert process.stdin
        assert process.stdout
        self.tell, self.said, self.draw = process.stdin, process.stdout, draw

    def live_and_die(self, workers: int, rounds: int) -> tuple[int, int]:
        """Workers begin a batch together, so many times; then once more, and all are killed at a moment drawn
        from how long the last took. Returns how many batches were counted before, and in, the last round.
        """
        self.tell.write(bytes([workers]))
        pids = [int(pid) for pid in self._word().split()]
        counted: list[float] = []
        for _ in range(rounds):
            begun, ended = self._begin(workers)
            while len(begun) + len(ended) < 2 * workers:
                ended.append(self._word())
            counted += [float(word) for word in ended if word != "overtaken"]
        late = self._begin(workers)[1]
        time.sleep(self.draw.uniform(0, counted[-1]))
        for pid in pids:
            os.kill(pid, signal.SIGKILL)
        while (word := self._word()) != "gone":
            late.append(word)
        return len(counted), len(late) - late.count("overtaken")

    def _begin(self, workers: int) -> tuple[list[str], list[str]]:
        """Tells them all; returns once each has begun, with what has ended by then."""
        self.tell.write(b"." * workers)
        begun: list[str] = []
        ended: list[str] = []
        while len(begun) < workers:
            word = self._word()
            (begun if word == "begun" else ended).append(word)
        return begun, ended

    def _word(self) -> str:
        word = self.said.readline().decode().strip()
        assert word, "the nursery has ended"
        return word


@contextmanager
def nursery(environment: Mapping[str, str], *, batch: int, seed: int) -> Iterator[Nursery]:
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM],
        cwd=BASE,
        env={**os.environ, **environment, "TEST_BATCH": str(batch)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        bufsize=0,
    ) as process:
        yield Nursery(process, random.Random(seed))
