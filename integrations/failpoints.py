"""Places where tests let the work fail: PORTAL_FAILPOINT=<name>:<kind>[:<folder>] in a worker's environment.

Kinds: `raise` an error, `kill` the process outright, `hang` for good. With a folder it happens once over
all processes (a mark is left there). Unset, as everywhere but in tests, a failpoint costs one comparison.
"""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

_wanted = os.environ.get("PORTAL_FAILPOINT", "")

NAMES = (
    "reading_started",
    "people_read",
    "balances_read",
    "plan_kept",
    "marked_sending",
    "sent",
    "result_kept",
    "ending",
)


class Failpoint(Exception):
    """The fault that was asked for."""


def failpoint(name: str) -> None:
    if not _wanted:
        return
    wanted, kind, folder = (*_wanted.split(":"), "")[:3]
    if wanted != name or not _is_first(folder, name):
        return
    if kind == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    if kind == "hang":
        time.sleep(3600)
    raise Failpoint(name)


def _is_first(folder: str, name: str) -> bool:
    if not folder:
        return True
    try:
        os.close(os.open(Path(folder) / name, os.O_CREAT | os.O_EXCL))
    except FileExistsError:
        return False
    return True
