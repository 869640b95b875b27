"""A call as code, in the languages people paste from."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from catalog.openapi.closure import resolve
from catalog.sandbox.example import made, media_example


@dataclass(frozen=True, slots=True)
class SampleCall:
    """What a sample shows: a complete address, headers without the token, a body as text or None."""

    method: str
    url: str
    headers: dict[str, str]
    body: str | None


@dataclass(frozen=True, slots=True)
class Sample:
    slug: str
    language: str
    code: str


def sample_call(definition: dict[str, Any], *, method: str, path: str, base: str) -> SampleCall:
    """From the document's examples: required parameters only, the first example of the body."""
    operation = definition["operation"]
    query: list[tuple[str, str]] = []
    headers: dict[str, str] = {}
    for parameter in operation.get("parameters", []):
        value = _text(_parameter_example(parameter, definition))
        if parameter["in"] == "path":
            path = path.replace(f"{{{parameter['name']}}}", quote(value, safe=""))
        elif parameter.get("required") and parameter["in"] == "query":
            query.append((parameter["name"], value))
        elif parameter.get("required") and parameter["in"] == "header":
            headers[parameter["name"]] = value
    body = None
    for media_type, media in (
        (resolve(definition, operation.get("requestBody")) or {}).get("content") or {}
    ).items():
        headers["Content-Type"] = media_type
        value = media_example(media, definition)
        body = json.dumps(value, indent=2, ensure_ascii=False) if "json" in media_type else str(value)
        break
    return SampleCall(method, base + path + (f"?{urlencode(query)}" if query else ""), headers, body)


def _parameter_example(parameter: dict[str, Any], definition: dict[str, Any]) -> Any:
    if "example" in parameter:
        return parameter["example"]
    for example in (parameter.get("examples") or {}).values():
        return (resolve(definition, example) or {}).get("value")
    return made(parameter.get("schema", {}), definition)


def _text(value: Any) -> str:
    if isinstance(value, list):
        return ",".join(_text(one) for one in value)
    return value if isinstance(value, str) else json.dumps(value)


def curl(call: SampleCall) -> str:
    lines = [f"curl -X {call.method} '{_quoted(call.url)}'", '-H "Authorization: Bearer $TOKEN"']
    lines += [f"-H '{_quoted(f'{name}: {value}')}'" for name, value in call.headers.items()]
    if call.body is not None:
        lines.append(f"-d '{_quoted(call.body)}'")
    return " \\\n  ".join(lines)


def _quoted(text: str) -> str:
    """Inside single quotes of a POSIX shell."""
    return text.replace("'", "'\\''")


def python(call: SampleCall) -> str:
    lines = ["import os", "import requests", "", "answer = requests.request(", f"    {call.method!r},"]
    lines += [
        f"    {call.url!r},",
        "    headers={",
        "        'Authorization': 'Bearer ' + os.environ['TOKEN'],",
    ]
    lines += [f"        {name!r}: {value!r}," for name, value in call.headers.items()]
    lines.append("    },")
    if call.body is not None:
        lines.append(f"    data={_python_text(call.body)},")
    return "\n".join([*lines, "    timeout=30,", ")", "answer.raise_for_status()", "print(answer.json())"])


def _python_text(text: str) -> str:
    if "\n" not in text or "'''" in text:
        return f"{text!r}.encode()"
    return "r'''" + text + "'''.encode()" if "\\" in text else "'''" + text + "'''.encode()"


def javascript(call: SampleCall) -> str:
    headers = {"Authorization": "Bearer TOKEN", **call.headers}
    shown = json.dumps(headers, indent=4, ensure_ascii=False)
    shown = shown.replace('"Bearer TOKEN"', "`Bearer ${process.env.TOKEN}`").replace("\n}", "\n  }")
    lines = [
        f"const answer = await fetch({json.dumps(call.url)}, {{",
        f"  method: {json.dumps(call.method)},",
    ]
    lines.append(f"  headers: {shown},")
    if call.body is not None:
        body = call.body.replace("\n", "\n  ")
        is_json = "json" in call.headers.get("Content-Type", "")
        lines.append(f"  body: JSON.stringify({body})," if is_json else f"  body: {json.dumps(call.body)},")
    return "\n".join(
        [
            *lines,
            "});",
            "if (!answer.ok) throw new Error(answer.status);",
            "console.log(await answer.json());",
        ]
    )


LANGUAGES: list[tuple[str, str, Callable[[SampleCall], str]]] = [
    ("curl", "cURL", curl),
    ("python", "Python", python),
    ("javascript", "JavaScript", javascript),
]


def samples(call: SampleCall) -> list[Sample]:
    return [Sample(slug, language, write(call)) for slug, language, write in LANGUAGES]
