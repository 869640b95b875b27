"""One writer per language: complete programs that read the token from the environment.

Every text of the document goes through the language's own quoting; nothing is put between quotes as it is.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True)
class Auth:
    """A credential in a header: what stands before it, and the variable that a reader keeps it in."""

    header: str
    prefix: str
    variable: str

    @property
    def name(self) -> str:
        """The variable as script languages write it: API_KEY is apiKey."""
        first, *others = self.variable.lower().split("_")
        return first + "".join(word.capitalize() for word in others)


@dataclass(frozen=True, slots=True)
class Part:
    """One field of a multipart form; of a file the value is its name."""

    name: str
    value: str
    is_file: bool


BEARER = (Auth("Authorization", "Bearer ", "TOKEN"),)


@dataclass(frozen=True, slots=True)
class SampleCall:
    """What a sample shows: a complete address, headers without credentials, a body as text or None.

    For cURL, `parts` of a form and the name of a `file` stand in place of that text.
    """

    method: str
    url: str
    headers: dict[str, str]
    body: str | None
    auth: tuple[Auth, ...] = BEARER
    parts: tuple[Part, ...] = ()
    file: str = ""


def _shell(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"


def _shell_auth(one: Auth) -> str:
    """In double quotes, so that the shell puts the variable in."""
    return '"' + re.sub(r'([\\"$`])', r"\\\1", f"{one.header}: {one.prefix}") + f'${one.variable}"'


def curl(call: SampleCall) -> str:
    lines = [f"curl -X {call.method} {_shell(call.url)}"]
    lines += [f"-H {_shell_auth(one)}" for one in call.auth]
    lines += [
        f"-H {_shell(f'{name}: {value}')}"
        for name, value in call.headers.items()
        if not (call.parts and name == "Content-Type")  # cURL says it itself, with a boundary of its own
    ]
    lines += [
        f"-F {_shell(f'{one.name}=@{one.value}')}"
        if one.is_file
        else f"--form-string {_shell(f'{one.name}={one.value}')}"
        for one in call.parts
    ]
    if call.file:
        lines.append(f"--data-binary {_shell('@' + call.file)}")
    elif call.body is not None and not call.parts:
        lines.append(f"--data-raw {_shell(call.body)}")
    return " \\\n  ".join(lines)


def wget(call: SampleCall) -> str:
    lines = [f"wget -qO- --method={call.method}", *(f"--header {_shell_auth(one)}" for one in call.auth)]
    lines += [f"--header {_shell(f'{name}: {value}')}" for name, value in call.headers.items()]
    if call.body is not None:
        lines.append(f"--body-data {_shell(call.body)}")
    return " \\\n  ".join([*lines, _shell(call.url)])


def raw_http(call: SampleCall) -> str:
    address = urlsplit(call.url)
    target = (address.path or "/") + (f"?{address.query}" if address.query else "")
    lines = [f"{call.method} {target} HTTP/1.1", f"Host: {address.netloc or 'localhost'}"]
    lines += [f"{one.header}: {one.prefix}<{one.variable.lower().replace('_', ' ')}>" for one in call.auth]
    lines += [f"{name}: {value}" for name, value in call.headers.items()]
    if call.body is None:
        return "\n".join([*lines, "", ""])
    return "\n".join([*lines, f"Content-Length: {len(call.body.encode())}", "", call.body])


def python(call: SampleCall) -> str:
    lines = ["import os", "", "import requests", "", "answer = requests.request("]
    lines += [f"    {_py(call.method)},", f"    {_py(call.url)},", "    headers={"]
    for one in call.auth:
        before = f"{_py(one.prefix)} + " if one.prefix else ""
        lines.append(f'        {_py(one.header)}: {before}os.environ["{one.variable}"],')
    lines += [f"        {_py(name)}: {_py(value)}," for name, value in call.headers.items()]
    lines.append("    },")
    if call.body is not None:
        lines.append(f"    data={_py_text(call.body)}.encode(),")
    return "\n".join([*lines, "    timeout=30,", ")", "answer.raise_for_status()", "print(answer.text)"])


def _py(text: str) -> str:
    return json.dumps(text, ensure_ascii=False) if text.isprintable() else repr(text)


def _py_text(text: str) -> str:
    if "\n" not in text or "'''" in text or text.endswith("'"):
        return repr(text)
    return ("r" if "\\" in text else "") + "'''" + text + "'''" if not text.endswith("\\") else repr(text)


def _js(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def _js_auth(one: Auth, value: str) -> str:
    name = one.header if one.header.isidentifier() else _js(one.header)
    prefix = re.sub(r"([\\`$])", r"\\\1", one.prefix)
    return f"{name}: `{prefix}${{{value}}}`" if one.prefix else f"{name}: {value}"


def _fetch(call: SampleCall, credential: Callable[[Auth], str], done: str) -> str:
    lines = [
        f"const answer = await fetch({_js(call.url)}, {{",
        f"  method: {_js(call.method)},",
        "  headers: {",
    ]
    lines += [f"    {_js_auth(one, credential(one))}," for one in call.auth]
    lines += [f"    {_js(name)}: {_js(value)}," for name, value in call.headers.items()]
    lines.append("  },")
    if call.body is not None:
        is_json = "json" in call.headers.get("Content-Type", "")
        body = call.body.replace("\u2028", "\\u2028").replace("\u2029", "\\u2029").replace("\n", "\n  ")
        lines.append(f"  body: JSON.stringify({body})," if is_json else f"  body: {_js(call.body)},")
    return "\n".join([*lines, "});", "if (!answer.ok) throw new Error(`${answer.status}`);", done])


def javascript(call: SampleCall) -> str:
    told = {"TOKEN": "your access token", "API_KEY": "your API key", "SESSION": "your session"}
    lines = [f"const {one.name} = {_js(told.get(one.variable, 'your credential'))};" for one in call.auth]
    return "\n".join([*lines, _fetch(call, lambda one: one.name, "console.log(await answer.text());")])


def node(call: SampleCall) -> str:
    head = "// Node.js 18 or newer, as an ES module (.mjs)\n"
    return head + _fetch(
        call, lambda one: f"process.env.{one.variable}", "process.stdout.write(await answer.text());"
    )


def _java(text: str) -> str:
    """Escapes as Java, C# and Go all know them. A lone backslash-u would be read before anything else."""
    plain = json.dumps(text, ensure_ascii=True)
    return plain.replace("\\u007f", "\\177").replace("\\/", "/")


def _lines(text: str) -> str:
    """A long text as one literal a line."""
    return ("\n            + ").join(_java(line) for line in text.splitlines(keepends=True) or [""])


def _before(one: Auth) -> str:
    return f"{_java(one.prefix)} + " if one.prefix else ""


def java(call: SampleCall) -> str:
    body = "HttpRequest.BodyPublishers.noBody()"
    if call.body is not None:
        body = f"HttpRequest.BodyPublishers.ofString(\n            {_lines(call.body)})"
    lines = [
        f"            .header({_java(one.header)}, {_before(one)}System.getenv({_java(one.variable)}))"
        for one in call.auth
    ]
    lines += [f"            .header({_java(name)}, {_java(value)})" for name, value in call.headers.items()]
    headers = "\n".join(lines)
    return f"""import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;

public class Call {{
    public static void main(String[] arguments) throws Exception {{
        HttpRequest request = HttpRequest.newBuilder(URI.create({_java(call.url)}))
{headers + chr(10) if headers else ""}            .method({_java(call.method)}, {body})
            .build();
        HttpResponse<String> answer =
            HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());
        System.out.println(answer.statusCode() + "\\n" + answer.body());
    }}
}}"""


def csharp(call: SampleCall) -> str:
    lines = [
        "using System.Net.Http.Headers;",
        "using System.Text;",
        "",
        "using var client = new HttpClient();",
    ]
    lines.append(
        f"using var request = new HttpRequestMessage(new HttpMethod({_java(call.method)}),"
        f"\n    {_java(call.url)});"
    )
    lines += [
        f"request.Headers.TryAddWithoutValidation({_java(one.header)}, "
        f"{_before(one)}Environment.GetEnvironmentVariable({_java(one.variable)}));"
        for one in call.auth
    ]
    kind = call.headers.get("Content-Type", "")
    lines += [
        f"request.Headers.TryAddWithoutValidation({_java(name)}, {_java(value)});"
        for name, value in call.headers.items()
        if name != "Content-Type"
    ]
    if call.body is not None:
        lines.append(
            f"request.Content = new StringContent(\n            {_lines(call.body)}, Encoding.UTF8);"
        )
        lines.append(f"request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse({_java(kind)});")
    return "\n".join(
        [
            *lines,
            "using var answer = await client.SendAsync(request);",
            "answer.EnsureSuccessStatusCode();",
            "Console.WriteLine(await answer.Content.ReadAsStringAsync());",
        ]
    )


def _go(text: str) -> str:
    """A raw literal where it fits on several lines, else an escaped one."""
    if "\n" in text and "`" not in text and "\r" not in text:
        return f"`{text}`"
    return _java(text) if "\\ud" not in _java(text) else json.dumps(text, ensure_ascii=False)


def go(call: SampleCall) -> str:
    more = '\n\t"os"' if call.auth else ""
    more += '\n\t"strings"' if call.body is not None else ""
    body = "nil" if call.body is None else f"strings.NewReader({_go(call.body)})"
    headers = "".join(
        f"\trequest.Header.Set({_go(one.header)}, "
        + (f"{_go(one.prefix)}+" if one.prefix else "")
        + f'os.Getenv("{one.variable}"))\n'
        for one in call.auth
    )
    headers += "".join(
        f"\trequest.Header.Set({_go(name)}, {_go(value)})\n" for name, value in call.headers.items()
    )
    return f"""package main

import (
\t"fmt"
\t"io"
\t"net/http"{more}
)

func main() {{
\trequest, err := http.NewRequest({_go(call.method)}, {_go(call.url)}, {body})
\tif err != nil {{
\t\tpanic(err)
\t}}
{headers}\tanswer, err := http.DefaultClient.Do(request)
\tif err != nil {{
\t\tpanic(err)
\t}}
\tdefer answer.Body.Close()
\ttext, _ := io.ReadAll(answer.Body)
\tfmt.Println(answer.Status, string(text))
}}"""


def _php(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def php(call: SampleCall) -> str:
    headers = "".join(
        f"        {_php(f'{one.header}: {one.prefix}')} . getenv('{one.variable}'),\n" for one in call.auth
    )
    headers += "".join(f"        {_php(f'{name}: {value}')},\n" for name, value in call.headers.items())
    body = "" if call.body is None else f"    CURLOPT_POSTFIELDS => {_php(call.body)},\n"
    return f"""<?php
$call = curl_init({_php(call.url)});
curl_setopt_array($call, [
    CURLOPT_CUSTOMREQUEST => {_php(call.method)},
    CURLOPT_RETURNTRANSFER => true,
    CURLOPT_HTTPHEADER => [
{headers}    ],
{body}]);
echo curl_exec($call);"""


def _ruby(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def ruby(call: SampleCall) -> str:
    lines = ["require 'net/http'", "", f"address = URI({_ruby(call.url)})"]
    lines.append(
        f"request = Net::HTTPGenericRequest.new({_ruby(call.method)}, "
        f"{str(call.body is not None).lower()}, {str(call.method != 'HEAD').lower()}, address)"
    )
    lines += [
        f"request[{_ruby(one.header)}] = "
        + (f"{_ruby(one.prefix)} + " if one.prefix else "")
        + f"ENV.fetch('{one.variable}')"
        for one in call.auth
    ]
    lines += [f"request[{_ruby(name)}] = {_ruby(value)}" for name, value in call.headers.items()]
    if call.body is not None:
        lines.append(f"request.body = {_ruby(call.body)}")
    return "\n".join(
        [
            *lines,
            "is_tls = address.scheme == 'https'",
            "answer = Net::HTTP.start(address.host, address.port, use_ssl: is_tls) do |line|",
            "  line.request(request)",
            "end",
            "puts answer.code, answer.body",
        ]
    )


def _powershell(text: str) -> str:
    """Curly quotes end a text as straight ones do."""
    for quote in "'‘’‚‛":
        text = text.replace(quote, quote * 2)
    return f"'{text}'"


def powershell(call: SampleCall) -> str:
    lines = ["$headers = @{"]
    lines += [
        f"    {_powershell(one.header)} = "
        + (f"{_powershell(one.prefix)} + " if one.prefix else "")
        + f"$env:{one.variable}"
        for one in call.auth
    ]
    kind = call.headers.get("Content-Type", "")
    lines += [
        f"    {_powershell(name)} = {_powershell(value)}"
        for name, value in call.headers.items()
        if name != "Content-Type"
    ]
    lines.append("}")
    asked = f"-Method {call.method} -Uri {_powershell(call.url)} -Headers $headers"
    if call.body is not None:
        lines.append(f"$body = {_powershell(call.body)}")
        asked += f" -ContentType {_powershell(kind)} -Body ([Text.Encoding]::UTF8.GetBytes($body))"
    return "\n".join([*lines, f"Invoke-RestMethod {asked}"])
