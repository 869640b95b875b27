"""Recordings as files: made by a job, fetched for an hour. A short file that is valid in its format."""

from __future__ import annotations

import io
import struct
import wave

from catalog.apis.calabrio_one.contacts import one
from catalog.apis.calabrio_one.seen import Row, epoch
from catalog.sandbox import Call, Refused, Reply, reply
from catalog.sandbox.jobs import Work

KEPT = 3600 * 1000  # ms that a file can be fetched
ENDINGS = {"WAV": ("wav", "audio/wav"), "OPUS": ("opus", "audio/ogg")}


def export_contact(call: Call) -> Reply:
    row = one(call, call.path["id"], "path.id")
    key = f"{row['id']} {call.query['type']}"
    call.state.put("mediaExports", {"file": key, "state": "waiting"})
    call.state.later("run_media_export", key)
    return reply({"encoding": "true"})


def run_media_export(work: Work) -> float | None:
    row = work.state.get("mediaExports", work.key)
    if row is not None:
        work.state.put("mediaExports", {**row, "state": "ready", "ready": epoch(work.now)})
    return None


def download_contact(call: Call) -> Reply:
    row = one(call, call.path["id"], "path.id")
    kind = call.query["type"]
    ending, media_type = ENDINGS.get(kind, ("webm", "video/webm"))
    name = f"c{row['id']}.{ending}"
    made: Row | None = call.state.get("mediaExports", f"{row['id']} {kind}")
    if made is None or made["state"] != "ready" or epoch(call.now) - made["ready"] > KEPT:
        raise Refused(404, "notReady", f"{name} is not ready yet or has expired.", None)
    data = {"wav": _wav, "opus": _opus, "webm": _webm}[ending]()
    disposition = f'attachment; filename="{name}"'
    return Reply(200, data, [("Content-Type", media_type), ("Content-Disposition", disposition)])


def _wav() -> bytes:
    """A second of silence at 8 kHz."""
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(bytes(16_000))
    return out.getvalue()


def _opus() -> bytes:
    """Ogg pages with the two headers of Opus, and one packet of silence (RFC 7845)."""
    head = b"OpusHead" + struct.pack("<BBHIhB", 1, 1, 0, 8000, 0, 0)
    tags = b"OpusTags" + struct.pack("<I", 7) + b"sandbox" + struct.pack("<I", 0)
    pages = [(2, 0, head), (0, 0, tags), (4, 960, b"\xf8\xff\xfe")]
    return b"".join(_page(kind, at, number, data) for number, (kind, at, data) in enumerate(pages))


def _page(kind: int, at: int, number: int, data: bytes) -> bytes:
    head = b"OggS" + struct.pack("<BBqIII", 0, kind, at, 1, number, 0) + bytes([1, len(data)])
    return head[:22] + struct.pack("<I", _crc(head + data)) + head[26:] + data


def _crc(data: bytes) -> int:
    """Ogg's own: polynomial 0x04C11DB7, not reflected."""
    crc = 0
    for byte in data:
        crc ^= byte << 24
        for _ in range(8):
            crc = ((crc << 1) ^ (0x04C11DB7 if crc & 0x80000000 else 0)) & 0xFFFFFFFF
    return crc


def _webm() -> bytes:
    """An EBML header and a segment with its info: what a player opens before the first frame."""
    head = _element(
        0x1A45DFA3,
        _element(0x4286, b"\x01")
        + _element(0x42F7, b"\x01")
        + _element(0x42F2, b"\x04")
        + _element(0x42F3, b"\x08")
        + _element(0x4282, b"webm")
        + _element(0x4287, b"\x04")
        + _element(0x4285, b"\x02"),
    )
    info = _element(0x1549A966, _element(0x2AD7B1, b"\x0f\x42\x40") + _element(0x4D80, b"sandbox"))
    return head + _element(0x18538067, info)


def _element(key: int, data: bytes) -> bytes:
    return key.to_bytes((key.bit_length() + 7) // 8, "big") + (0x4000 | len(data)).to_bytes(2, "big") + data
