"""The files of a form, those in a ZIP among them."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Iterator, Sequence

from catalog.sandbox import Call, Refused, Upload

MOST_FILES = 1000  # in one upload, unpacked
MOST_UNPACKED = 40 * 1024 * 1024  # bytes of everything in the ZIPs of one upload
PIECE = 1024 * 1024
BROKEN = (zipfile.BadZipFile, zipfile.LargeZipFile, zlib.error, EOFError, ValueError, OSError)


def files(call: Call) -> list[Upload]:
    """Under whatever names the parts go; file names are without folders."""
    return [_plain(one) for one in _values(call) if isinstance(one, Upload)]


def fields(call: Call) -> list[str]:
    """The texts of the form's other parts."""
    return [str(one) for one in _values(call) if not isinstance(one, Upload)]


def _values(call: Call) -> Iterator[object]:
    for given in call.body.values():
        yield from given if isinstance(given, list) else [given]


def _plain(one: Upload) -> Upload:
    return Upload(one.name.replace("\\", "/").rpartition("/")[2], one.media_type, one.data)


def ending(name: str) -> str:
    """In small letters, without the dot."""
    return name.rpartition(".")[2].lower() if "." in name else ""


def unpacked(call: Call) -> dict[str, Upload]:
    """The files by name, a ZIP's in its place. Raises Refused 400."""
    found: dict[str, Upload] = {}
    left = MOST_UNPACKED
    for one in files(call):
        is_packed = ending(one.name) == "zip"
        for file in _members(one, left) if is_packed else [one]:
            if file.name in found:
                raise Refused(400, "duplicate", f"Two files are called {file.name[:100]}.", "body.file")
            if len(found) == MOST_FILES:
                raise Refused(400, "tooMany", f"At most {MOST_FILES} files are taken at once.", "body.file")
            found[file.name] = file
            left -= len(file.data) if is_packed else 0
    if not found:
        raise Refused(400, "required", "Send at least one file.", "body.file")
    return found


def _members(packed: Upload, left: int) -> Iterator[Upload]:
    try:
        with zipfile.ZipFile(io.BytesIO(packed.data)) as archive:
            for entry in archive.infolist():
                if entry.is_dir():
                    continue
                one = _plain(Upload(entry.filename, "", b""))
                if ending(one.name) == "zip":
                    raise Refused(400, "invalidValue", "There is a ZIP in the ZIP.", "body.file")
                with archive.open(entry) as file:
                    data = _read(file, left)
                left -= len(data)
                yield Upload(one.name, "", data)
    except (NotImplementedError, RuntimeError):
        message = f"{packed.name[:100]} is locked, or packed in an unusual way."
        raise Refused(400, "invalidValue", message, "body.file") from None
    except BROKEN:
        raise Refused(
            400, "invalidValue", f"{packed.name[:100]} cannot be read as a ZIP.", "body.file"
        ) from None


def _read(file: object, left: int) -> bytes:
    """Counts what comes out: the size that a ZIP names may be a lie."""
    pieces: list[bytes] = []
    size = 0
    while piece := file.read(PIECE):  # type: ignore[attr-defined]
        size += len(piece)
        if size > left:
            message = f"Unpacked, an upload has at most {MOST_UNPACKED // PIECE} MB."
            raise Refused(400, "tooLarge", message, "body.file")
        pieces.append(piece)
    return b"".join(pieces)


def only(some: Sequence[Upload], kind: str) -> Upload:
    """The one file with this ending. Raises Refused 400."""
    found = [one for one in some if ending(one.name) == kind]
    if len(found) != 1:
        raise Refused(400, "required", f"Send exactly one file whose name ends in .{kind}.", "body.file")
    return found[0]
