"""Whether calls are answered: the gateway's front, and the sandboxes behind it."""

from __future__ import annotations

import io
import time
from typing import Any

from catalog.models import Api, SandboxRow
from portal.front.checks import Finding, State

SLOW = 1.0  # seconds


def gateway() -> Finding:
    """One call without a token, as a client program would make it: it must be answered with 401."""
    slug = _slugs().first()
    if slug is None:
        return Finding(State.OK, "No API is published yet.")
    began = time.perf_counter()
    status = _call(f"/sandbox/{slug}/")
    if status != 401:
        return Finding(State.AWAY, "Calls are not answered as they should be.")
    if time.perf_counter() - began > SLOW:
        return Finding(State.SLOW, "Calls are answered slowly.")
    return Finding(State.OK, "Calls are answered.")


def sandbox() -> Finding:
    """Every published API must be ready to answer, and the rows of sandboxes within reach."""
    from catalog.gateway import compiled

    SandboxRow.objects.exists()
    ready = [compiled.known(slug) or compiled.current(slug) for slug in _slugs()]
    if not all(ready):
        return Finding(State.AWAY, "The sandbox of an API is not ready.")
    count = len(ready)
    return Finding(
        State.OK, f"The sandbox{'es' if count > 1 else ''} of {count} API{'s' * (count > 1)} can be called."
    )


def _slugs() -> Any:
    return Api.objects.filter(current__isnull=False).order_by("slug").values_list("slug", flat=True)


def _call(path: str) -> int:
    from catalog.gateway.endpoint import application

    seen: list[str] = []
    environ = {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": path,
        "QUERY_STRING": "",
        "REMOTE_ADDR": "127.0.0.1",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "wsgi.input": io.BytesIO(),
    }
    b"".join(application(environ, lambda line, *_: seen.append(line)))
    return int(seen[0].split(" ", 1)[0])
