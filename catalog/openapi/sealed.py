"""Preparing a document in a process of its own, with limits: nothing in it can take the portal down.

python -m catalog.openapi.sealed <folder>      reads job.json and source, writes result or refusal
"""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import orjson

from catalog.errors import DocumentRefused
from catalog.openapi.read import LARGEST

HOUSE = Path(__file__).parent.parent.parent
SECONDS = 2.0  # of CPU, for a document of up to 1 MB
SECONDS_PER_MB = 1.5  # for each one more
MEMORY = 300 * 1024 * 1024
MEMORY_PER_MB = 20 * 1024 * 1024  # for each MB over five: 12 MB of honest JSON need about 400 MB
RESULT = 256 * 1024 * 1024  # bytes written


def limits(size: int) -> tuple[int, int]:
    """Seconds of CPU and bytes of memory for a document of a size."""
    megabytes = size / 1_048_576
    seconds = SECONDS + SECONDS_PER_MB * max(0.0, megabytes - 1)
    return max(2, round(seconds)), int(MEMORY + MEMORY_PER_MB * max(0.0, megabytes - 5))


@contextmanager
def sealed(
    source: bytes,
    *,
    guides: list[tuple[str, str, str]],
    before: dict[str, tuple[dict[str, Any], bytes]] | None,
    largest: int = LARGEST,
) -> Iterator[tuple[dict[str, Any], Iterator[bytes]]]:
    """The head and the blobs of prepare.Prepared, read from disk as they are asked for.

    Raises DocumentRefused.
    """
    if len(source) > largest:
        raise DocumentRefused(f"The document has {len(source):,} bytes; at most {largest:,} are taken.")
    with tempfile.TemporaryDirectory(prefix="portal-publish-") as name:
        folder = Path(name)
        (folder / "source").write_bytes(source)
        (folder / "job.json").write_bytes(
            orjson.dumps({"guides": guides, "is_first": before is None, "largest": largest})
        )
        if before is not None:
            pairs = ((orjson.dumps(row), blob) for row, blob in before.values())
            write_records(folder / "before", (part for pair in pairs for part in pair))
        _run(folder, len(source))
        records = read_records(folder / "result")
        yield orjson.loads(next(records)), records


def _run(folder: Path, size: int) -> None:
    seconds, memory = limits(size)
    command = [
        sys.executable,
        "-X",
        "utf8",
        "-m",
        "catalog.openapi.sealed",
        str(folder),
        str(seconds),
        str(memory),
    ]
    try:
        ended = subprocess.run(  # noqa: S603 - our own module
            command,
            cwd=HOUSE,
            env={"PATH": os.environ.get("PATH", ""), "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=4 * seconds + 10,
            check=False,
        ).returncode
    except subprocess.TimeoutExpired:
        ended = -signal.SIGXCPU
    if ended == 0:
        return
    refusal = folder / "refusal.json"
    if refusal.is_file():
        told = orjson.loads(refusal.read_bytes())
        raise DocumentRefused(told["message"], told["place"])
    if ended in (-signal.SIGXCPU, -signal.SIGKILL):
        raise DocumentRefused(f"The document takes more than {seconds} seconds to read. Make it smaller.")
    raise DocumentRefused(
        "The document takes more memory than a document of its size may. Make it smaller"
        + (", or publish it as JSON." if size > 2_000_000 else ".")
    )


def write_records(path: Path, records: Any) -> None:
    with path.open("wb") as file:
        for record in records:
            file.write(len(record).to_bytes(4, "big"))
            file.write(record)


def read_records(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while length := file.read(4):
            yield file.read(int.from_bytes(length, "big"))


def _main(folder: Path, seconds: int, memory: int) -> int:
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_FSIZE, (RESULT, RESULT))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    from catalog.openapi.prepare import prepare

    job = orjson.loads((folder / "job.json").read_bytes())
    before = None
    if not job["is_first"]:
        parts = read_records(folder / "before")
        rows = [(orjson.loads(row), next(parts)) for row in parts]
        before = {row["operation_id"]: (row, blob) for row, blob in rows}
    try:
        done = prepare(
            (folder / "source").read_bytes(),
            guides=[tuple(guide) for guide in job["guides"]],
            before=before,
            largest=job["largest"],
        )
    except DocumentRefused as error:
        told = {key: _plain(text) for key, text in (("message", error.message), ("place", error.place))}
        (folder / "refusal.json").write_bytes(orjson.dumps(told))
        return 1
    except (MemoryError, RecursionError):
        return 2
    write_records(folder / "result", [orjson.dumps(done.head), *done.blobs])
    return 0


def _plain(text: str) -> str:
    return text.encode("utf-8", "replace").decode()


if __name__ == "__main__":
    sys.exit(_main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])))
