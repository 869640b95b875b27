"""Connections to other machines: to checked addresses only, kept alive, with an end to every wait.

httpcore2 speaks HTTP/1.1 and keeps the pool; what is ours is where a connection may lead (portal.addresses)
and a deadline that a machine cannot stretch by sending a byte now and then.
"""

from __future__ import annotations

import ssl
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

import httpcore2 as httpcore

from portal.addresses import CONNECT, addresses

IDLE = 20.0  # seconds that an unused connection is kept
MOST, MOST_IDLE = 64, 16  # connections of one process

_clock = threading.local()


@contextmanager
def deadline(seconds: float) -> Iterator[None]:
    """No read or write of this thread waits past it; then they raise a timeout."""
    outer: float | None = getattr(_clock, "ends", None)
    ends = time.monotonic() + seconds
    _clock.ends = ends if outer is None else min(ends, outer)
    try:
        yield
    finally:
        _clock.ends = outer


def _within(timeout: float | None, error: type[Exception]) -> float | None:
    ends: float | None = getattr(_clock, "ends", None)
    if ends is None:
        return timeout
    left = ends - time.monotonic()
    if left <= 0:
        raise error("no time left")
    return left if timeout is None else min(timeout, left)


class _Timed(httpcore.NetworkStream):
    def __init__(self, stream: httpcore.NetworkStream) -> None:
        self._stream = stream

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, _within(timeout, httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, _within(timeout, httpcore.WriteTimeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        left = _within(timeout, httpcore.ConnectTimeout)
        return _Timed(self._stream.start_tls(ssl_context, server_hostname, left))

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


class _Checked(httpcore.NetworkBackend):
    """Resolves once, and connects to the very addresses that were checked. Raises addresses.FetchError."""

    def __init__(self, scheme: str) -> None:
        self._scheme = scheme
        self._plain = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        trouble: Exception = httpcore.ConnectError("no address")
        seconds = _within(CONNECT, httpcore.ConnectTimeout) or CONNECT
        for address in addresses(host, port, seconds=seconds, scheme=self._scheme)[:3]:
            left = _within(timeout, httpcore.ConnectTimeout)
            try:
                return _Timed(self._plain.connect_tcp(str(address), port, left, None, socket_options))
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                trouble = error
        raise trouble


@lru_cache(maxsize=2)
def pool(scheme: str) -> httpcore.ConnectionPool:
    """This process's; one a scheme, since which private addresses are allowed depends on it."""
    return httpcore.ConnectionPool(
        ssl_context=tls(),
        max_connections=MOST,
        max_keepalive_connections=MOST_IDLE,
        keepalive_expiry=IDLE,
        network_backend=_Checked(scheme),
    )


def ask(request: httpcore.Request) -> httpcore.Response:
    """To be closed by the caller. Raises addresses.FetchError and httpcore2's errors."""
    return pool(request.url.scheme.decode()).handle_request(request)


@lru_cache(maxsize=1)
def tls() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context
