"""Forms with files, as a client sends them."""

from __future__ import annotations

import io
import wave
import zipfile
from typing import Any

BOUNDARY = "----part"
TYPE = f"multipart/form-data; boundary={BOUNDARY}"


def form(files: dict[str, str | bytes], fields: dict[str, str] | None = None, *, name: str = "file") -> bytes:
    made = [
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{text}\r\n'.encode()
        for key, text in (fields or {}).items()
    ]
    for file, data in files.items():
        head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"; filename="{file}"\r\n\r\n'
        made.append(head.encode() + (data if isinstance(data, bytes) else data.encode()) + b"\r\n")
    return b"".join([*made, f"--{BOUNDARY}--\r\n".encode()])


def send(
    api: Any,
    operation: str,
    files: dict[str, str | bytes],
    fields: Any = None,
    *,
    name: str = "file",
    **more: Any,
) -> Any:
    return api.answer(operation, form(files, fields, name=name), media_type=TYPE, **more)


def packed(files: dict[str, str | bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return out.getvalue()


def sound(milliseconds: int = 1000) -> bytes:
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(1)
        file.setframerate(8000)
        file.writeframes(bytes(8 * milliseconds))
    return out.getvalue()
