"""A request's body as its document describes it: JSON, a form, parts, text, or bytes of another kind."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qsl

import jsonschema_rs
import orjson
from django.core.exceptions import SuspiciousOperation
from django.core.files.uploadhandler import FileUploadHandler
from django.http.multipartparser import MultiPartParser, MultiPartParserError
from django.utils.http import parse_header_parameters

from catalog.gateway.checking import Fault, Invalid, check, compile_schema, kind_of, typed
from catalog.openapi.closure import resolve
from catalog.sandbox.call import Upload
from portal.wire import Request

LARGEST = 10 * 1024 * 1024  # bytes; a document may ask for less, or for more, with x-max-body
MOST_FIELDS = 1000
FORM, PARTS = "application/x-www-form-urlencoded", "multipart/form-data"
CHARSETS = {
    "": "utf-8-sig",
    "utf-8": "utf-8-sig",
    "utf8": "utf-8-sig",
    "us-ascii": "ascii",
    "iso-8859-1": "iso-8859-1",
}
Validator = jsonschema_rs.Draft202012Validator


class _Media:
    """One media type that an operation takes."""

    def __init__(self, name: str, media: dict[str, Any], definition: dict[str, Any]) -> None:
        schema = media.get("schema")
        self.read = _reader(name)
        is_checked = schema is not None and self.read is not _bytes
        self.validator = compile_schema(schema, definition) if is_checked else None
        shape = resolve(definition, schema)
        self.fields: dict[str, tuple[str, str]] = {}  # of a form: its type, and that of its items
        for field, given in ((shape or {}).get("properties") or {}).items() if name in (FORM, PARTS) else ():
            one = resolve(definition, given)
            items = resolve(definition, one.get("items")) if isinstance(one, dict) else None
            self.fields[field] = (
                kind_of(one if isinstance(one, dict) else {}),
                kind_of(items if isinstance(items, dict) else {}),
            )

    def value(self, name: str, texts: list[str]) -> Any:
        kind, items = self.fields.get(name, ("string", "string"))
        if kind == "array":
            return [typed(text, items) for text in texts]
        return typed(texts[-1], kind)


class Body:
    """Compiled once per operation and process."""

    def __init__(self, definition: dict[str, Any]) -> None:
        operation = definition["operation"]
        body = resolve(definition, operation.get("requestBody")) or {}
        self.required: bool = body.get("required") is True
        self.largest: int = operation.get("x-max-body", LARGEST)
        self.media = {
            name: _Media(name, media, definition)
            for written, media in (body.get("content") or {}).items()
            for name in [_plain(written)]
        }

    def media_type(self, request: Request) -> str:
        """Without parameters; of a request whose body has passed."""
        return _plain(request.header("Content-Type") or "") if self.media else ""

    def read(self, request: Request) -> Any:
        """None where there is none. Raises Invalid (400, 415), Problem (400, 413)."""
        if not self.media:
            return None
        raw = request.body(self.largest)
        if not raw:
            if self.required:
                raise Invalid([Fault("body", "required", "A body is required.")])
            return None
        name = self.media_type(request)
        media = self._taken(name)
        if media is None:
            raise _unsupported("Content-Type", "contentType", f"The body must be {', '.join(self.media)}.")
        if (request.header("Content-Encoding") or "identity").lower() != "identity":
            raise _unsupported("Content-Encoding", "contentEncoding", "Send the body as it is, unpacked.")
        value, plain = media.read(raw, request, media)
        if media.validator is not None:
            check(media.validator, plain, "body")
        return value

    def _taken(self, name: str) -> _Media | None:
        return self.media.get(name) or self.media.get(name.split("/")[0] + "/*") or self.media.get("*/*")


@lru_cache(maxsize=256)
def _plain(content_type: str) -> str:
    return content_type.split(";", 1)[0].strip().lower()


def _unsupported(field: str, rule: str, message: str) -> Invalid:
    return Invalid([Fault(field, rule, message, status=415)])


Read = tuple[Any, Any]  # for the handler; for the schema


def _reader(name: str) -> Callable[[bytes, Request, _Media], Read]:
    if "json" in name:
        return _json
    if name in (FORM, PARTS):
        return _form if name == FORM else _parts
    return _text if name.startswith("text/") and name != "text/xml" else _bytes


def _json(raw: bytes, request: Request, media: _Media) -> Read:
    _charset(request, only_utf8=True)
    try:
        value = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        message = f"The body is not JSON: {error.msg} (line {error.lineno}, column {error.colno})."
        raise Invalid([Fault("body", "json", message)]) from None
    try:
        value = _whole(value) if _may_be_whole(raw) else value
    except RecursionError:
        raise Invalid([Fault("body", "json", "The body is nested too deeply.")]) from None
    return value, value


# JSON Schema counts 2.0 and 2e1 among the integers; programs that page through lists do not.
_may_be_whole = re.compile(rb"[0-9](?:\.0|[eE])").search


def _whole(value: Any) -> Any:
    """The value with every float that is a whole number as an int."""
    if isinstance(value, float):
        return int(value) if value.is_integer() and abs(value) < 2**53 else value
    if isinstance(value, list):
        return [_whole(one) for one in value]
    if isinstance(value, dict):
        return {name: _whole(one) for name, one in value.items()}
    return value


def _text(raw: bytes, request: Request, media: _Media) -> Read:
    """Without its byte order mark."""
    codec = _charset(request)
    try:
        text = raw.decode(codec)
    except UnicodeDecodeError as error:
        message = f"Byte {error.start} cannot be read in this character set."
        raise Invalid([Fault("body", "charset", message)]) from None
    return text, text


def _bytes(raw: bytes, request: Request, media: _Media) -> Read:
    return raw, raw


def _form(raw: bytes, request: Request, media: _Media) -> Read:
    _charset(request, only_utf8=True)
    try:
        pairs = parse_qsl(
            raw.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=MOST_FIELDS
        )
    except ValueError:
        raise Invalid([Fault("body", "form", "The body cannot be read as a form.")]) from None
    value = _fields(pairs, media)
    return value, value


def _fields(pairs: Iterable[tuple[str, str]], media: _Media) -> dict[str, Any]:
    texts: dict[str, list[str]] = {}
    for name, text in pairs:
        texts.setdefault(name, []).append(text)
    return {name: media.value(name, some) for name, some in texts.items()}


class _Keep(FileUploadHandler):
    """Files stay in memory: the whole body is bounded."""

    chunk_size = 2**20

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self.pieces: list[bytes] = []

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        self.pieces.append(raw_data)

    def file_complete(self, file_size: int) -> Any:
        return Upload(self.file_name or "", self.content_type or "", b"".join(self.pieces))


def _parts(raw: bytes, request: Request, media: _Media) -> Read:
    _, _, parameters = (request.header("Content-Type") or "").partition(";")
    kind = f"{PARTS};{parameters}"
    boundary = str(parse_header_parameters(kind)[1].get("boundary") or "")
    if f"--{boundary}--".encode() not in raw:
        raise Invalid([Fault("body", "multipart", "The last part does not end with the boundary.")])
    meta = {"CONTENT_TYPE": kind, "CONTENT_LENGTH": str(len(raw))}
    try:
        fields, files = MultiPartParser(meta, io.BytesIO(raw), [_Keep()], "utf-8").parse()
    except (MultiPartParserError, SuspiciousOperation) as error:
        raise Invalid([Fault("body", "multipart", f"The parts cannot be read: {error}")]) from None
    texts = _fields(((name, text) for name, some in fields.lists() for text in some), media)
    uploads: dict[str, Any] = {}
    for name, some in files.lists():
        declared = media.fields.get(name, ("array" if len(some) > 1 else "",))[0]
        uploads[name] = list(some) if declared == "array" else some[-1]
    stand_ins = {name: ["file"] * len(v) if isinstance(v, list) else "file" for name, v in uploads.items()}
    return texts | uploads, texts | stand_ins


def _charset(request: Request, *, only_utf8: bool = False) -> str:
    """The codec of the body's character set. Raises Invalid 415."""
    codec = CHARSETS.get(_named(request.header("Content-Type") or ""))
    if codec is None or (only_utf8 and codec == "iso-8859-1"):
        raise _unsupported("Content-Type", "charset", "Send the body in UTF-8.")
    return codec


@lru_cache(maxsize=256)
def _named(content_type: str) -> str:
    """The character set that a content type names."""
    _, _, parameters = content_type.lower().partition(";")
    pairs = (part.partition("=") for part in parameters.split(";"))
    return {name.strip(): value.strip().strip('"') for name, _, value in pairs}.get("charset", "")
