"""The Redis-protocol server, for two kinds of callers.

On the path of a call (`command`, `Script`): 50 ms limits and a breaker, so that a dead or frozen server
costs one wait per worker and two seconds, not one per call. redis-py's own defaults wait 4 to 40 s.
In the background (`client`): patient.
"""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Sequence
from typing import Any

import hiredis
import redis
from django.conf import settings
from redis.backoff import NoBackoff
from redis.exceptions import NoScriptError, ResponseError
from redis.retry import Retry

PATIENCE: float = settings.VALKEY_PATIENCE  # seconds for one command on the path of a call
PAUSE = 2.0  # seconds without asking, after a failure


class Away(Exception):
    """The server cannot be asked now. `doubtful`: the command may still have been carried out."""

    def __init__(self, *, doubtful: bool = False) -> None:
        super().__init__("the Redis-protocol server cannot be reached")
        self.doubtful = doubtful


class _Line(threading.local):
    """One connection per thread, kept open.

    redis-py opens it (addresses, TLS, passwords); then its socket is spoken to with hiredis alone: redis-py's
    own layers cost more than the command itself.
    """

    connection: Any = None
    socket: Any = None
    reader: Any = None
    closed_until = 0.0


_line = _Line()


def command(*args: Any) -> Any:
    """Runs one command. Raises Away; raises redis ResponseError for the server's own refusals."""
    if _line.closed_until > time.monotonic():
        raise Away
    sent = False
    try:
        if _line.connection is None:
            _connect()
        _line.socket.sendall(hiredis.pack_command(args))
        sent = True
        reader = _line.reader
        while (reply := reader.gets()) is False:
            received = _line.socket.recv(65_536)
            if not received:
                raise ConnectionResetError
            reader.feed(received)
    except (redis.RedisError, OSError):
        hang_up()
        _line.closed_until = time.monotonic() + PAUSE
        raise Away(doubtful=sent) from None
    if isinstance(reply, hiredis.ReplyError):
        raise NoScriptError(str(reply)) if str(reply).startswith("NOSCRIPT") else ResponseError(str(reply))
    return reply


def _connect() -> None:
    pool = redis.ConnectionPool.from_url(
        settings.REDIS_URL,
        socket_timeout=PATIENCE,
        socket_connect_timeout=PATIENCE,
        retry=Retry(NoBackoff(), 0),
        health_check_interval=0,
    )
    connection = pool.get_connection()
    _line.socket, _line.reader = connection._sock, hiredis.Reader()
    _line.connection = connection


def hang_up() -> None:
    """Drops this thread's connection and forgets a pause; also for a process that has just forked."""
    connection, _line.connection, _line.socket = _line.connection, None, None
    _line.closed_until = 0.0
    if connection is not None:
        connection.disconnect()


def is_away() -> bool:
    return _line.closed_until > time.monotonic()


class Script:
    """A Lua script, sent by its digest and loaded again when the server has forgotten it."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.digest = hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()

    def __call__(self, keys: Sequence[str | bytes], args: Sequence[Any]) -> Any:
        try:
            return command("EVALSHA", self.digest, len(keys), *keys, *args)
        except NoScriptError:
            return command("EVAL", self.text, len(keys), *keys, *args)


_client: redis.Redis | None = None


def client() -> redis.Redis:
    """For background work: seconds of patience, redis-py's own errors."""
    global _client
    if _client is None:
        _client = redis.Redis.from_url(
            settings.REDIS_URL, socket_timeout=10, socket_connect_timeout=2, retry=Retry(NoBackoff(), 0)
        )
    return _client
