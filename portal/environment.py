"""What the operator may set from outside, read in one place.

Every variable is optional; unset ones give a one-machine portal that keeps everything in `var/`.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import tempfile
from pathlib import Path

import environ

BASE = Path(__file__).resolve().parent.parent
VAR = Path(os.environ.get("PORTAL_VAR", BASE / "var"))

read = environ.Env()


def secret_key(*, debug: bool) -> str:
    """`PORTAL_SECRET_KEY`, or the key that the first start left in the data folder.

    Only an embedded install (no DATABASE_URL) makes its own: several machines must share one key.
    """
    given = read.str("PORTAL_SECRET_KEY", default="")
    if given:
        return given
    if os.environ.get("DATABASE_URL") and not debug:
        raise SystemExit(
            "PORTAL_SECRET_KEY must be set when DATABASE_URL is: every process needs the same key."
        )
    kept = VAR / "secret-key"
    try:
        return kept.read_text()
    except OSError:
        made = secrets.token_urlsafe(48)
        try:
            VAR.mkdir(mode=0o700, parents=True, exist_ok=True)
            # O_EXCL settles the race of two first starts: the loser reads the winner's key.
            with os.fdopen(os.open(kept, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
                file.write(made)
        except FileExistsError:
            return kept.read_text()
        except OSError as error:
            raise SystemExit(f"The data folder {VAR} cannot be written: {error.strerror}.") from None
        return made


def embedded_socket() -> Path:
    """Where the embedded Valkey listens; a path over 100 characters cannot be a Unix socket."""
    inside = VAR / "valkey" / "valkey.sock"
    if len(str(inside)) <= 100:
        return inside
    digest = hashlib.sha256(str(VAR).encode()).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"portal-{os.getuid()}-{digest}" / "valkey.sock"


def redis_url() -> str:
    return read.str("REDIS_URL", default="") or f"unix://{embedded_socket()}"


def broker_url() -> str:
    """The same server in Celery's spelling (kombu writes Unix sockets as redis+socket)."""
    url = redis_url()
    return "redis+socket://" + url.removeprefix("unix://") if url.startswith("unix://") else url
