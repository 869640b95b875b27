"""The Redis-protocol server, for two kinds of callers.

On the path of a call (`command`, `Script`): 50 ms limits and a breaker, so that a dead or frozen server
costs one wait per process and two seconds, not one per call or thread. redis-py's own defaults wait 4
to 40 s.
In the background (`client`): patient.
"""

from __future__ import annotations

import contextlib
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

from portal import turn

PATIENCE: float = settings.VALKEY_PATIENCE  # seconds for one command on the path of a call
PAUSE = 2.0  # seconds without asking, after a failure
SHUTDOWN = "portal:shutdown"  # key: the run_id of the server whose shutdown was announced


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
    breaks = 0


_line = _Line()
_breaks = 0  # how many lines of this process broke; a thread whose line is older opens a new one
_away_until = 0.0  # until then nobody asks; then one call does, and the others go on without
_asking = threading.Lock()
run = (
    ""  # of the server that answers: another one when it was started anew, and may have lost its last second
)


def command(*args: Any) -> Any:
    """Runs one command. Raises Away; raises redis ResponseError for the server's own refusals."""
    reply = _find_out(args) if _away_until else _ask(args)
    if isinstance(reply, hiredis.ReplyError):
        raise NoScriptError(str(reply)) if str(reply).startswith("NOSCRIPT") else ResponseError(str(reply))
    return reply


def _find_out(args: Sequence[Any]) -> Any:
    """Asks a server that was away, once the pause is over. Other calls work meanwhile, without it."""
    global _away_until
    with _asking:
        if is_away():
            raise Away
        _away_until = time.monotonic() + PAUSE
    with turn.waiting():
        reply = _ask(args)
    _away_until = 0.0
    return reply


def _ask(args: Sequence[Any]) -> Any:
    global _breaks, _away_until
    sent = False
    try:
        if _line.connection is None or _line.breaks != _breaks:
            _connect()
        sent = True
        return _exchange(args)
    except (redis.RedisError, OSError):
        _drop()
        _breaks += 1
        _away_until = time.monotonic() + PAUSE
        raise Away(doubtful=sent) from None


def _exchange(args: Sequence[Any]) -> Any:
    _line.socket.sendall(hiredis.pack_command(tuple(args)))
    reader = _line.reader
    while (reply := reader.gets()) is False:
        received = _line.socket.recv(65_536)
        if not received:
            raise ConnectionResetError
        reader.feed(received)
    return reply


def _connect() -> None:
    global run
    _drop()
    pool = redis.ConnectionPool.from_url(
        settings.REDIS_URL,
        socket_timeout=PATIENCE,
        socket_connect_timeout=PATIENCE,
        retry=Retry(NoBackoff(), 0),
        health_check_interval=0,
    )
    connection = pool.get_connection()
    _line.socket, _line.reader = connection._sock, hiredis.Reader()
    _line.connection, _line.breaks = connection, _breaks
    run = _named_run(_exchange(("INFO", "server")))


def _named_run(about: Any) -> str:
    """A server that does not tell counts as a new one at each connection."""
    told = about.decode() if isinstance(about, bytes) else ""
    return dict(line.partition(":")[::2] for line in told.splitlines()).get("run_id") or str(time.time_ns())


def _drop() -> None:
    connection, _line.connection, _line.socket = _line.connection, None, None
    if connection is not None:
        connection.disconnect()


def hang_up() -> None:
    """Drops this thread's connection and forgets a pause; also for a process that has just forked."""
    global _away_until
    _drop()
    _away_until = 0.0


def is_away() -> bool:
    return _away_until > time.monotonic()


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


def announce_shutdown() -> None:
    """Notes that the server is about to be ended in order: it writes all it has to disk then."""
    with contextlib.suppress(redis.RedisError):
        client().set(SHUTDOWN, str(client().info("server").get("run_id", "")))


_client: redis.Redis | None = None


def client() -> redis.Redis:
    """For background work: seconds of patience, redis-py's own errors."""
    global _client
    if _client is None:
        _client = redis.Redis.from_url(
            settings.REDIS_URL, socket_timeout=10, socket_connect_timeout=2, retry=Retry(NoBackoff(), 0)
        )
    return _client
