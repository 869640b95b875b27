from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import orjson
import pytest

import portal.valkey
from usage import recorder, spool
from usage.event import STREAM, decode, new_id
from usage.recorder import record


def spooled(folder: Path) -> list[bytes]:
    return [line for path in (folder / "spool").glob("*") for line in path.read_bytes().splitlines()]


@pytest.fixture
def refused(valkey: Any, settings: Any, tmp_path: Path) -> None:
    settings.REDIS_URL = f"unix://{tmp_path}/nobody.sock"
    portal.valkey.hang_up()


class Somebody:
    tenant_id, pk = 3, 7


def test_a_call_is_in_the_stream_when_record_returns(valkey: Any, call_of: Any, tmp_path: Path) -> None:
    record(call_of(Somebody, at=1_791_000_000.25, status=404))

    [(_, fields)] = valkey.xrange(STREAM)
    assert list(fields) == [b"e"]
    event = orjson.loads(fields[b"e"])
    assert event[0].startswith(new_id(1_791_000_000.25)[:10])
    assert event[1:] == [
        *(1_791_000_000.25, 3, 7, "workforce", "searchEmployees", "sandbox", "POST", 404),
        *(4000, 10, 2000, "r-1"),
    ]
    assert spooled(tmp_path) == []


def test_a_refused_connection_spools_without_doubt(refused: None, call_of: Any, tmp_path: Path) -> None:
    record(call_of(Somebody))
    record(call_of(Somebody))

    lines = spooled(tmp_path)
    assert [line.endswith(b"?") for line in lines] == [False, False]
    assert len({decode(line).id for line in lines}) == 2


def test_a_frozen_server_costs_one_wait_and_spools_with_doubt(
    valkey: Any, call_of: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("portal.valkey.PATIENCE", 0.05)
    record(call_of(Somebody))
    portal.valkey.hang_up()  # a connection keeps the patience it was made with
    record(call_of(Somebody))
    pid = valkey.info("server")["process_id"]
    os.kill(pid, signal.SIGSTOP)
    try:
        began = time.perf_counter()
        for _ in range(20):
            record(call_of(Somebody))
        took = time.perf_counter() - began
    finally:
        os.kill(pid, signal.SIGCONT)

    assert 0.04 < took < 0.9  # twenty waits would be a second
    assert [line.endswith(b"\t?") for line in spooled(tmp_path)] == [True] + [False] * 19


def test_a_server_that_refuses_writes_spools(valkey: Any, call_of: Any, tmp_path: Path) -> None:
    valkey.set(STREAM, "not a stream")

    record(call_of(Somebody))

    assert [line.endswith(b"?") for line in spooled(tmp_path)] == [False]


def test_record_never_raises(
    refused: None, call_of: Any, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "spool").write_text("a file where the folder should be")

    record(call_of(Somebody))

    assert [line.getMessage() for line in caplog.records] == ["usage.call_lost"]


def test_drain_moves_every_line_and_leaves_no_file(valkey: Any, call_of: Any, tmp_path: Path) -> None:
    events = [spool_line(call_of) for _ in range(5)]
    for number, event in enumerate(events):
        spool.append(event, is_doubtful=number == 0)

    assert spool.drain() == 5
    assert [fields[b"e"] for _, fields in valkey.xrange(STREAM)] == events
    assert all(fields[b"again"] == b"1" for _, fields in valkey.xrange(STREAM))
    assert list((tmp_path / "spool").iterdir()) == []
    assert spool.drain() == 0


def test_drain_while_the_server_is_away_loses_nothing(refused: None, call_of: Any, tmp_path: Path) -> None:
    event = spool_line(call_of)
    spool.append(event, is_doubtful=False)
    patient, portal.valkey._client = portal.valkey._client, None
    try:
        with pytest.raises(portal.valkey.redis.RedisError):
            spool.drain()
    finally:
        portal.valkey._client = patient

    assert spooled(tmp_path) == [event]
    assert spool.drain() == 1


def test_drain_takes_over_from_the_dead_but_not_from_the_living(
    valkey: Any, call_of: Any, tmp_path: Path
) -> None:
    spool.append(spool_line(call_of), is_doubtful=False)
    [path] = (tmp_path / "spool").iterdir()
    taken = path.rename(path.with_suffix(".abc.taken"))
    holder = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import fcntl,sys,time; f=open(sys.argv[1]); fcntl.flock(f, fcntl.LOCK_EX); print(1, flush=True);"
            "time.sleep(60)",
            str(taken),
        ],
        stdout=subprocess.PIPE,
    )
    assert holder.stdout is not None
    holder.stdout.readline()

    assert spool.drain() == 0
    holder.kill()
    holder.communicate()
    assert spool.drain() == 1


def test_a_line_cut_short_is_told_and_skipped(
    valkey: Any, call_of: Any, caplog: pytest.LogCaptureFixture
) -> None:
    spool.append(spool_line(call_of)[:40], is_doubtful=False)
    spool.append(spool_line(call_of), is_doubtful=False)

    assert spool.drain() == 1
    assert [line.getMessage() for line in caplog.records] == ["usage.spool_line_unreadable"]


def test_the_first_good_call_drains_what_dead_processes_left(
    valkey: Any, call_of: Any, tmp_path: Path
) -> None:
    (tmp_path / "spool").mkdir()
    (tmp_path / "spool" / "1-1.jsonl").write_bytes(spool_line(call_of) + b"\n")
    recorder._drain_due = True

    record(call_of(Somebody))

    end = time.monotonic() + 5
    while valkey.xlen(STREAM) < 2 and time.monotonic() < end:
        time.sleep(0.01)
    assert valkey.xlen(STREAM) == 2


def spool_line(call_of: Any) -> bytes:
    from usage.event import encode

    return encode(call_of(Somebody))
