"""A call as code, in the languages people paste from."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from catalog.openapi import forms, languages
from catalog.openapi.closure import resolve
from catalog.openapi.example import made, media_examples
from catalog.openapi.languages import Part, SampleCall
from catalog.openapi.written import schema_name, written

LONGEST_BODY = 4000  # characters; it stands in every language


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
        elif parameter.get("required") and parameter["in"] == "header" and not _is_ours(parameter["name"]):
            headers[_one_line(parameter["name"])] = _one_line(value)
    body, parts = None, list[Part]()
    content = (resolve(definition, operation.get("requestBody")) or {}).get("content") or {}
    for media_type, media in list(content.items())[:1]:
        headers["Content-Type"] = _one_line(media_type)
        body = _body(media_type, media, definition)
        if media_type == forms.PARTS and (example := _form_example(media, definition)):
            headers["Content-Type"] = f"{media_type}; boundary={forms.BOUNDARY}"
            parts, body = forms.form(example, media, definition)
    address = base + quote(path, safe="/%:@!$&'()*+,;=-._~")
    url = address + (f"?{urlencode(query)}" if query else "")
    return SampleCall(method, url, headers, body, parts=tuple(parts))


def _form_example(media: dict[str, Any], definition: dict[str, Any]) -> dict[str, Any]:
    """Empty where there is none that is short enough."""
    for _, value in media_examples(media, definition)[:1]:
        if isinstance(value, dict) and len(written(value, "application/json")) <= LONGEST_BODY:
            return value
    return {}


def _body(media_type: str, media: dict[str, Any], definition: dict[str, Any]) -> str:
    """The first example that is short enough to stand in every language."""
    given = [value for _, value in media_examples(media, definition)[:1]]
    for value in [*given, made(media.get("schema", {}), definition, values=40), {}]:
        text = written(value, media_type, name=schema_name(media.get("schema")))
        if len(text) <= LONGEST_BODY:
            return text.replace("\0", "")
    return "{}"


def _is_ours(header: str) -> bool:
    """Headers that OpenAPI tells to leave out of parameters: the security and the body say them."""
    return header.lower() in ("authorization", "accept", "content-type")


def _parameter_example(parameter: dict[str, Any], definition: dict[str, Any]) -> Any:
    if "example" in parameter:
        return parameter["example"]
    for example in (parameter.get("examples") or {}).values():
        return (resolve(definition, example) or {}).get("value")
    return made(parameter.get("schema", {}), definition)


def _text(value: Any) -> str:
    if isinstance(value, list):
        return ",".join(_text(one) for one in value)[:300]
    return (value if isinstance(value, str) else json.dumps(value))[:300]


def _one_line(text: str) -> str:
    return "".join(letter if letter.isprintable() else " " for letter in text)[:300]


LANGUAGES: list[tuple[str, str, Callable[[SampleCall], str]]] = [
    ("curl", "cURL", languages.curl),
    ("wget", "wget", languages.wget),
    ("http", "HTTP", languages.raw_http),
    ("python", "Python", languages.python),
    ("javascript", "JavaScript", languages.javascript),
    ("node", "Node.js", languages.node),
    ("java", "Java", languages.java),
    ("csharp", "C#", languages.csharp),
    ("go", "Go", languages.go),
    ("php", "PHP", languages.php),
    ("ruby", "Ruby", languages.ruby),
    ("powershell", "PowerShell", languages.powershell),
]


def samples(call: SampleCall) -> list[Sample]:
    return [Sample(slug, language, write(call)) for slug, language, write in LANGUAGES]
