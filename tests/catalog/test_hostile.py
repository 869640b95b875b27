"""Documents that would hurt are refused with the place named, in time, and this process does not notice."""

from __future__ import annotations

import json
import os
import re
import time
from pathlib import Path

import pytest

from catalog.errors import DocumentRefused
from catalog.models import Api, ApiVersion
from catalog.openapi.sealed import sealed
from catalog.services import publish

HEAD = {"openapi": "3.1.0", "info": {"title": "T", "version": "1"}}
OK = {"responses": {"200": {"description": "Fine"}}}


def document(**more):
    return json.dumps(HEAD | {"paths": {"/a": {"get": OK}}} | more).encode()


def with_schemas(schemas, **more):
    answer = {
        "description": "x",
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/A"}}},
    }
    paths = {"/a": {"get": {"responses": {"200": answer}}}}
    return json.dumps(HEAD | {"paths": paths, "components": {"schemas": schemas}} | more).encode()


def with_reference(address):
    return with_schemas({"A": {"properties": {"b": {"$ref": address}}}})


LAUGHS = b"a0: &a0 [x,x,x,x,x,x,x,x,x]\n" + b"".join(
    b"a%d: &a%d [%s]\n" % (n, n, b",".join([b"*a%d" % (n - 1)] * 9)) for n in range(1, 12)
)
MAPPED = b"openapi: 3.1.0\ninfo: {title: T, version: '1'}\npaths: {}\n"

HOSTILE = {
    "alias bomb": LAUGHS,
    "alias of itself": b"a: &a [*a]\n",
    "many aliases": b"a: &a x\nb: [" + b"*a, " * 5000 + b"]\n",
    "brackets": b"[" * 100_000,
    "closed brackets": b"a: " + b"[" * 60_000 + b"]" * 60_000,
    "json brackets": b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "json depth": b'{"a":' * 900 + b"1" + b"}" * 900,
    "block depth": b"".join(b" " * n + b"a:\n" for n in range(3000)),
    "flow maps": b"{a: " * 30_000,
    "100 MB": b"a" * 100_000_000,
    "long number": b"a: " + b"9" * 1_000_000,
    "long json number": b'{"openapi": ' + b"9" * 1_000_000 + b"}",
    "not utf-8": b"\xff\xfe\x00openapi",
    "nul bytes": b"\x00" * 1000,
    "control": b"openapi: '\x07'\n",
    "python tag": b"openapi: !!python/object/apply:os.system ['true']\n",
    "unknown tag": b"openapi: !x y\n",
    "duplicate key": b"openapi: 3.1.0\nopenapi: 3.1.0\n",
    "mapping as key": b"? {a: b}\n: c\n",
    "lone surrogate": b'openapi: "\\ud800"\n',
    "a list": b"- a\n",
    "a word": b"hello",
    "nothing": b"",
    "swagger 2": b'{"swagger": "2.0", "info": {"title": "x"}, "paths": {}}',
    "openapi 4": b'{"openapi": "4.0.0", "info": {"title": "x"}, "paths": {"/a": {}}}',
    "no title": b'{"openapi": "3.1.0", "info": {}, "paths": {"/a": {}}}',
    "no paths": MAPPED,
    "path without slash": document(paths={"a": {"get": OK}}),
    "same operation id": document(
        paths={"/a": {"get": OK | {"operationId": "x"}}, "/b": {"get": OK | {"operationId": "x"}}}
    ),
    "responses are a list": document(paths={"/a": {"get": {"responses": []}}}),
    "content is a list": document(paths={"/a": {"get": {"responses": {"200": {"content": [1]}}}}}),
    "parameters are words": document(paths={"/a": {"get": OK | {"parameters": "xy"}}}),
    "long path": document(paths={"/" + "a" * 5000: {"get": OK}}),
    "scope with blanks": document(
        components={"securitySchemes": {"o": {"type": "oauth2", "flows": {"f": {"scopes": {"a b": ""}}}}}}
    ),
    "components are a list": document(components=[1]),
    "nodes": b"a: [" + b"1," * 2_000_000 + b"]",
}


@pytest.mark.load
@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_document_is_refused_within_two_seconds(name, db):
    began = time.monotonic()
    with pytest.raises(DocumentRefused):
        publish(slug="hostile", source=HOSTILE[name], by=None)
    took = time.monotonic() - began

    # Two seconds are the child's own CPU for a document of up to 1 MB; the rest is this machine's load.
    assert took < (2 if len(HOSTILE[name]) < 2_000_000 or name == "100 MB" else 8) + 2
    assert not Api.objects.filter(slug="hostile").exists()


def test_the_place_is_named():
    with pytest.raises(DocumentRefused) as refused, sealed(HOSTILE["long path"], guides=[], before=None):
        pass
    assert refused.value.place.startswith("/paths/~1aaa")
    with pytest.raises(DocumentRefused) as refused, sealed(HOSTILE["duplicate key"], guides=[], before=None):
        pass
    assert refused.value.place == "line 2"
    with (
        pytest.raises(DocumentRefused) as refused,
        sealed(with_reference("#/nowhere"), guides=[], before=None),
    ):
        pass
    assert refused.value.place == "/components/schemas/A/properties/b"
    assert "swagger2openapi" in str(_refusal(HOSTILE["swagger 2"]))


def _refusal(source):
    with pytest.raises(DocumentRefused) as refused, sealed(source, guides=[], before=None):
        pass
    return refused.value


OUTSIDE = """http://169.254.169.254/latest https://example.com/a.yaml file:///etc/passwd /etc/passwd
../secrets.yaml other.yaml other.yaml#/A ftp://example.com/a //example.com/a
data:application/json,{} jar:x! gopher://a unix:/x http://[::1]/ #anchor #A urn:x:y
mailto:a@example.com \\\\host\\share http:a""".split()
NOWHERE = [
    "#/nowhere",
    "#/components/schemas/None",
    "#/info/title/x",
    "#/paths/0/1",
    "",
    "#/components/schemas/A/x",
]


@pytest.mark.parametrize("address", OUTSIDE + NOWHERE)
def test_a_reference_outside_or_nowhere_is_refused(address):
    assert "reference" in str(_refusal(with_reference(address))).lower()


def test_preparing_opens_no_file_and_no_socket():
    """In this process, under an audit hook: the child runs the same function."""
    import sys

    from catalog.openapi.prepare import prepare

    prepare(document(), guides=[], before=None)  # imports are done
    seen, watching = [], True

    def hook(event, arguments):
        if watching and event.split(".")[0] in ("open", "socket", "subprocess", "os", "urllib"):
            seen.append((event, arguments))

    sys.addaudithook(hook)
    for address in OUTSIDE:
        with pytest.raises(DocumentRefused):
            prepare(with_reference(address), guides=[], before=None)
    watching = False
    assert seen == []


CYCLES = {
    "itself": {"A": {"properties": {"a": {"$ref": "#/components/schemas/A"}}}},
    "pair": {
        "A": {"items": {"$ref": "#/components/schemas/B"}},
        "B": {"items": {"$ref": "#/components/schemas/A"}},
    },
    "all of": {"A": {"allOf": [{"$ref": "#/components/schemas/A"}], "properties": {"x": {}}}},
    "array": {"A": {"type": "array", "items": {"$ref": "#/components/schemas/A"}}},
    "fan-out": {
        "A": {"properties": {str(n): {"$ref": "#/components/schemas/B0"} for n in range(30)}},
        **{
            f"B{level}": {
                "properties": {str(n): {"$ref": f"#/components/schemas/B{level + 1}"} for n in range(30)}
            }
            for level in range(12)
        },
        "B12": {},
    },
    "all-of fan-out": {
        "A": {"allOf": [{"$ref": "#/components/schemas/B0"}] * 8},
        **{f"B{n}": {"allOf": [{"$ref": f"#/components/schemas/B{n + 1}"}] * 8} for n in range(9)},
        "B9": {"properties": {"x": {}}},
    },
    "one-of fan-out": {
        "A": {"oneOf": [{"$ref": "#/components/schemas/B0"}] * 20},
        **{f"B{n}": {"oneOf": [{"$ref": f"#/components/schemas/B{n + 1}"}] * 20} for n in range(12)},
        "B12": {"properties": {"x": {}}},
    },
    "pattern": {"A": {"type": "string", "pattern": "^(a+)+$", "example": "a" * 40 + "!"}},
    "wide": {"A": {"properties": {f"p{n}": {"type": "string"} for n in range(20_000)}}},
}


@pytest.mark.parametrize("name", CYCLES)
def test_cycles_and_fan_out_are_published_and_their_pages_stay_small(client, ada, name):
    began = time.monotonic()
    publish(slug="tame", source=with_schemas(CYCLES[name]), by=None)
    client.force_login(ada)
    page = client.get("/catalog/tame/operations/get-a/")
    model = client.get("/catalog/tame/models/A/")

    assert (page.status_code, model.status_code) == (200, 200)
    assert len(page.content) + len(model.content) < 2_500_000
    assert time.monotonic() - began < 6


def test_a_reference_to_a_reference_in_a_circle_is_refused():
    loop = {"A": {"$ref": "#/components/schemas/B"}, "B": {"$ref": "#/components/schemas/A"}}

    assert "circle" in str(_refusal(with_schemas(loop)))


def test_a_refusal_leaves_the_current_version(db):
    before = publish(slug="kept", source=document(), by=None)
    with pytest.raises(DocumentRefused):
        publish(slug="kept", source=HOSTILE["alias bomb"], by=None)

    assert ApiVersion.objects.get(api__slug="kept") == before
    assert Api.objects.get(slug="kept").current == before


def test_this_process_stays_as_it_was(db):
    def memory():
        return int(re.search(r"VmRSS:\s+(\d+)", Path("/proc/self/status").read_text())[1])

    before, pid = memory(), os.getpid()
    for name in ("alias bomb", "nodes", "brackets"):
        with pytest.raises(DocumentRefused):
            publish(slug="hostile", source=HOSTILE[name], by=None)

    assert os.getpid() == pid
    assert memory() - before < 30_000  # kB
