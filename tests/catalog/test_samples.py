"""Every sample is a program that its own language can read."""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from catalog import bundled
from catalog.openapi.document import operations
from catalog.openapi.languages import SampleCall
from catalog.openapi.normal import normalise
from catalog.openapi.read import read
from catalog.openapi.samples import sample_call, samples

NASTY = [
    "it's", 'a "word"', "back\\slash", "\\u0041", "$HOME `id` ${x} #{y} $(id)", "'''", "`",
    "line\nline", "ünï ☃ 𝄞",
    "</script>", "\u2028", "%s {0}", "@file", "‘curly’", "\\", "*/ //", "tab\there",
]  # fmt: skip


def calls():
    for slug in bundled.slugs():
        document = read(bundled.source(slug))
        normalise(document)
        for one in operations(document):
            yield sample_call(
                one.definition, method=one.method, path=one.path, base="http://127.0.0.1/sandbox"
            )
    for text in NASTY:
        headers = {"X-Note": text.replace("\n", " "), "Content-Type": "text/plain"}
        yield SampleCall("POST", f"http://127.0.0.1/{text.encode().hex()}?q=it's", headers, text)
        yield SampleCall("PUT", "http://127.0.0.1/", {"Content-Type": "application/json"}, '{\n  "a": [1]\n}')
    yield SampleCall("GET", "http://127.0.0.1/", {}, None)


def codes(language):
    return [one.code for call in calls() for one in samples(call) if one.slug == language]


def run(*command, text=None):
    done = subprocess.run(command, input=text, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, (done.stderr, text)


def needs(program):
    return pytest.mark.skipif(shutil.which(program) is None, reason=f"no {program} on this machine")


def test_python_compiles():
    for code in codes("python"):
        ast.parse(code)


@pytest.mark.parametrize("language", ["curl", "wget"])
@needs("bash")
def test_shell_reads(language):
    run("bash", "-n", text="\n\n".join(codes(language)))


@needs("bash")
def test_a_shell_passes_on_exactly_what_was_meant():
    for text in NASTY:
        call = SampleCall("POST", "http://127.0.0.1/", {"Content-Type": "text/plain"}, text)
        script = 'curl() { printf %s "${@: -1}"; }\n' + samples(call)[0].code
        done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=True)
        assert done.stdout == text


@pytest.mark.parametrize("language", ["javascript", "node"])
@needs("node")
def test_javascript_reads(language, tmp_path):
    whole = "\n".join(f"async () => {{\n{code}\n}};" for code in codes(language))
    path = tmp_path / "samples.mjs"
    path.write_text(whole)
    run("node", "--check", str(path))


@needs("javac")
@pytest.mark.load
def test_java_compiles(tmp_path):
    paths = []
    for number, code in enumerate(codes("java")):
        path = tmp_path / f"Call{number}.java"
        path.write_text(code.replace("public class Call ", f"public class Call{number} "))
        paths.append(str(path))
    run("javac", "-encoding", "UTF-8", "-proc:none", "-d", str(tmp_path / "out"), *paths)


@pytest.mark.parametrize(
    ("language", "command"), [("php", "php -l"), ("ruby", "ruby -c"), ("go", "gofmt -e")]
)
def test_other_parsers_read_where_they_are_at_hand(language, command, tmp_path):
    program, *options = command.split()
    if shutil.which(program) is None:
        pytest.skip(f"no {program} on this machine")
    for number, code in enumerate(codes(language)):
        path = Path(tmp_path / f"{number}.{language}")
        path.write_text(code)
        run(program, *options, str(path))


def test_raw_http_is_a_whole_message():
    for call in calls():
        message = next(one.code for one in samples(call) if one.slug == "http")
        head, _, body = message.partition("\n\n")
        assert re.match(r"[A-Z]+ /\S* HTTP/1\.1\nHost: 127\.0\.0\.1\n", head)
        assert body == (call.body or "")
        if call.body is not None:
            assert f"Content-Length: {len(call.body.encode())}" in head


def test_a_body_that_is_too_long_for_twelve_languages_is_made_shorter():
    schema = {"type": "object", "properties": {f"field{n}": {"type": "string"} for n in range(500)}}
    definition = {"operation": {"requestBody": {"content": {"application/json": {"schema": schema}}}}}

    assert len(sample_call(definition, method="POST", path="/", base="").body) < 4000


def test_a_form_with_files_is_sent_in_parts():
    source = read(bundled.source("calabrio-one"))
    one = next(one for one in operations(source) if one.operation_id == "importMappedHistory")
    call = sample_call(one.definition, method="POST", path=one.path, base="")
    curl = samples(call)[0].code

    assert "-F 'file=@file.csv'" in curl
    assert "--form-string 'mapping={" in curl
    assert "Content-Type" not in curl
    assert call.headers["Content-Type"] == "multipart/form-data; boundary=example-boundary"
    assert 'name="file"; filename="file.csv"\r\nContent-Type: text/csv\r\n\r\nQueue,' in call.body
    assert call.body.endswith("\r\n--example-boundary--\r\n")
