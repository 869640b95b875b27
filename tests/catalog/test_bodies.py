"""Bodies of every kind: what a handler is given, and what is refused before it is asked."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import orjson
import pytest

from catalog import bundled
from catalog.sandbox import Call, Reply, Upload, reply
from catalog.services import publish

FORM, PARTS = "application/x-www-form-urlencoded", "multipart/form-data"
FIELDS = {
    "type": "object",
    "required": ["n"],
    "properties": {
        "n": {"type": "integer"},
        "tags": {"type": "array", "items": {"type": "string"}},
        "f": {"type": "string", "format": "binary"},
        "meta": {"type": "object"},
    },
}
TEXT = {"type": "string", "maxLength": 20}
TAKEN = {
    "form": {FORM: FIELDS},
    "parts": {PARTS: FIELDS},
    "csv": {"text/csv": TEXT, "text/plain": TEXT},
    "xml": {"text/xml": TEXT},
    "zip": {"application/zip": {"type": "string", "format": "binary"}},
    "json": {"application/json": {"type": "object"}},
    "sound": {"audio/*": {}},
}
MULTI = f"{PARTS}; boundary=x"


def part(name: str, text: bytes, more: str = "", kind: str = "") -> bytes:
    head = f'--x\r\nContent-Disposition: form-data; name="{name}"{more}\r\n'
    return head.encode() + (f"Content-Type: {kind}\r\n" if kind else "").encode() + b"\r\n" + text + b"\r\n"


N = part("n", b"5")
FILE = part("f", b"a,b\r\n1,2\r\n", '; filename="../../etc/a.csv"', "text/csv")
OTHERS = b"".join(part("g", text, f'; filename="{n}"', "text/plain") for n, text in ((1, b"a"), (2, b"b")))
END = b"--x--\r\n"


def document() -> bytes:
    paths = {}
    for name, kinds in TAKEN.items():
        content = {kind: {"schema": schema} for kind, schema in kinds.items()}
        paths[f"/{name}"] = {
            "post": {
                "operationId": name,
                "security": [],
                "x-sandbox": {"handler": "echo"},
                "x-max-body": 600,
                "requestBody": {"required": True, "content": content},
                "responses": {"200": {"description": "What came."}},
            }
        }
    return orjson.dumps({"openapi": "3.1.0", "info": {"title": "Bodies", "version": "1"}, "paths": paths})


def told(value: Any) -> Any:
    if isinstance(value, Upload):
        return [value.name, value.media_type, value.data.decode()]
    if isinstance(value, list):
        return [told(one) for one in value]
    if isinstance(value, bytes):
        return {"bytes": value.decode("latin-1")}
    return {name: told(one) for name, one in value.items()} if isinstance(value, dict) else value


def echo(call: Call) -> Reply:
    return reply([call.media_type, told(call.body)])


@pytest.fixture
def send(db: Any, gateway: Any, monkeypatch: Any) -> Any:
    handlers = SimpleNamespace(echo=echo)
    monkeypatch.setattr(bundled, "module", lambda slug, name: handlers if name == "handlers" else None)
    publish(slug="bodies", source=document(), guides=[], by=None)

    def call(path: str, kind: str, body: bytes, **headers: str) -> Any:
        return gateway(
            "POST", f"/sandbox/bodies/{path}", body=body, headers={"Content-Type": kind, **headers}
        )

    return call


@pytest.mark.parametrize(
    ("path", "kind", "body", "given"),
    [
        ("form", FORM, b"n=5&tags=a&tags=%C3%A4&x=", {"n": 5, "tags": ["a", "ä"], "x": ""}),
        ("form", FORM + '; charset="UTF-8"', b"n=5", {"n": 5}),
        ("parts", MULTI, N + END, {"n": 5}),
        ("parts", "Multipart/Form-Data; boundary=x", N + END, {"n": 5}),
        ("parts", MULTI, N + FILE + END, {"n": 5, "f": ["a.csv", "text/csv", "a,b\r\n1,2\r\n"]}),
        (
            "parts",
            MULTI,
            N + OTHERS + END,
            {"n": 5, "g": [["1", "text/plain", "a"], ["2", "text/plain", "b"]]},
        ),
        ("parts", MULTI, N + part("meta", b'{"a": [1]}') + END, {"n": 5, "meta": {"a": [1]}}),
        ("csv", "text/csv", b"\xef\xbb\xbfa,b", "a,b"),
        ("csv", "text/csv; charset=iso-8859-1", b"\xe9", "é"),
        ("csv", "text/plain", b"x", "x"),
        ("xml", "text/xml; charset=utf-16", b"<a/>", {"bytes": "<a/>"}),
        ("zip", "application/zip", b"PK\0\xff", {"bytes": "PK\0\xff"}),
        ("sound", "audio/wav", b"RIFF", {"bytes": "RIFF"}),
        ("json", "application/json; charset=utf-8", b"{}", {}),
    ],
)
def test_a_handler_is_given_what_was_meant(send, path, kind, body, given):
    answer = send(path, kind, body)

    assert (answer.status, answer.json) == (200, [kind.split(";")[0].lower(), given])


@pytest.mark.parametrize(
    ("path", "kind", "body", "status", "rule"),
    [
        ("form", FORM, b"n=x", 400, "type"),
        ("form", FORM, b"tags=a", 400, "required"),
        ("form", FORM, b"\xff", 400, "form"),
        ("form", FORM, b"n=%ff", 400, "form"),
        ("form", FORM + "; charset=utf-16", b"n=5", 415, "charset"),
        ("parts", PARTS, N + END, 400, "multipart"),
        ("parts", f"{PARTS}; boundary={'x' * 500}", N + END, 400, "multipart"),
        ("parts", f"{PARTS}; boundary=y", N + END, 400, "multipart"),
        ("parts", MULTI, N[:-8], 400, "multipart"),
        ("parts", MULTI, b"garbage--", 400, "multipart"),
        ("parts", MULTI, FILE + END, 400, "required"),
        ("parts", MULTI, part("n", b"many") + END, 400, "type"),
        ("csv", "text/csv", b"\xff", 400, "charset"),
        ("csv", "text/csv; charset=klingon", b"a", 415, "charset"),
        ("csv", "text/csv", b"a" * 21, 400, "maxLength"),
        ("csv", "application/json", b"{}", 415, "contentType"),
        ("csv", "", b"a", 415, "contentType"),
        ("sound", "video/mp4", b"a", 415, "contentType"),
        ("json", "application/json", b"null", 400, "type"),
        ("json", "application/json; charset=latin-1", b"{}", 415, "charset"),
        ("json", "application/json", b"", 400, "required"),
    ],
)
def test_what_does_not_fit_is_refused_with_its_reason(send, path, kind, body, status, rule):
    answer = send(path, kind, body)

    assert (answer.status, answer.json["errors"][0]["rule"]) == (status, rule)


@pytest.mark.parametrize("path", TAKEN)
def test_a_body_beyond_the_limit_is_a_413(send, path):
    kind = next(iter(TAKEN[path])).replace("*", "wav")

    assert send(path, kind, b"a" * 601).status == 413


def test_a_packed_body_is_a_415(send):
    assert send("json", "application/json", b"{}", **{"Content-Encoding": "gzip"}).status == 415
