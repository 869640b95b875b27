"""Reference pages as Markdown: for assistants, and for whoever likes plain text."""

from __future__ import annotations

from collections.abc import Iterator

import orjson

from catalog.models import ApiVersion, Operation
from catalog.openapi.shape import Shape
from catalog.reference import Media, Page


def operation_page(operation: Operation, page: Page, *, live_url: str, sandbox_url: str) -> str:
    return "\n".join(_operation(operation, page, live_url, sandbox_url)) + "\n"


def _operation(operation: Operation, page: Page, live_url: str, sandbox_url: str) -> Iterator[str]:
    yield f"# {operation.summary}"
    yield ""
    if page.lifecycle.is_deprecated:
        yield "> Deprecated." + (
            f" Ends on {page.lifecycle.sunset:%Y-%m-%d}." if page.lifecycle.sunset else ""
        )
        yield ""
    yield f"`{operation.method} {operation.path}` (operationId `{operation.operation_id}`)"
    yield ""
    yield f"Base addresses: sandbox `{sandbox_url}`, live `{live_url}`."
    if page.scopes:
        yield f"Scopes: {', '.join(f'`{scope}`' for scope in page.scopes)}."
    yield ""
    yield page.text.strip()
    for part in page.parameters:
        yield from ["", f"## {part.title}", ""]
        yield from _values(part.root.children)
    for media in page.body:
        yield from ["", f"## Body ({media.type}{', required' if page.body_required else ''})", ""]
        yield from _values(media.root.children or [media.root])
    for answer in page.answers:
        yield from ["", f"## Response {answer.status}", ""]
        for name in answer.header_root.children:
            yield f"- Header `{name.name}`: {name.kind}. {_line(name.description)}"
        for media in answer.media:
            yield from _media(media)
    yield from ["", "## Sample", "", "```sh", page.samples[0].code, "```"]


def _media(media: Media) -> Iterator[str]:
    if media.same_as:
        yield f"The same body as {media.same_as} ({media.model})."
    else:
        yield from _values(media.root.children or [media.root])


def _values(shapes: list[Shape], depth: int = 0) -> Iterator[str]:
    for one in shapes:
        words = [
            one.kind,
            *(["required"] if one.required else []),
            *(["may be null"] if one.nullable else []),
        ]
        words += [*([one.note] if one.note else []), *one.rules, *(["deprecated"] if one.deprecated else [])]
        if one.default is not None:
            words.append(f"default {_json(one.default)}")
        if one.values:
            words.append("one of " + ", ".join(_json(value) for value in one.values[:60]))
        if one.is_seen or one.is_folded:
            words.append(f"see the model {one.model}")
        yield f"{'  ' * depth}- `{one.name or 'value'}` ({'; '.join(words)}){_told(one)}"
        yield from _values(one.children, depth + 1)


def _told(one: Shape) -> str:
    told = _line(one.description)
    return f": {told}" if told else ""


def _line(text: str) -> str:
    return " ".join(text.split())


def _json(value: object) -> str:
    return orjson.dumps(value).decode()[:200]


def llms_index(
    version: ApiVersion, operations: list[Operation], guides: list[tuple[str, str]], base: str
) -> str:
    """An index in the form of llmstxt.org: what there is, with an address for each."""
    lines = [
        f"# {version.title}",
        "",
        f"> {version.summary or version.title}",
        "",
        f"Version {version.label}.",
    ]
    if guides:
        lines += ["", "## Guides", "", *(f"- [{title}]({base}guides/{slug}.md)" for slug, title in guides)]
    group = None
    for one in operations:
        if one.group != group:
            group = one.group
            lines += ["", f"## {group}", ""]
        ending = " (deprecated)" if one.deprecated else ""
        lines.append(
            f"- [{one.summary}]({base}operations/{one.operation_id}.md): `{one.method} {one.path}`{ending}"
        )
    return "\n".join(lines) + "\n"
