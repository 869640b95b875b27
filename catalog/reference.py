"""What the reference pages show of an operation."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import orjson
from django.conf import settings
from django.utils.safestring import SafeString

from catalog.markdown import to_html
from catalog.models import Operation
from catalog.openapi.closure import resolve
from catalog.openapi.samples import Sample, sample_call, samples
from catalog.openapi.shape import Shape, shape
from catalog.openapi.shape_html import tree
from catalog.sandbox.example import media_example

PLACES = (
    ("path", "Path parameters"),
    ("query", "Query parameters"),
    ("header", "Headers"),
    ("cookie", "Cookies"),
)
ModelUrl = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Parameters:
    title: str
    html: SafeString


@dataclass(frozen=True, slots=True)
class Media:
    """A body of one media type: its schema, and its examples as (title, text)."""

    type: str
    model: str
    html: SafeString
    examples: list[tuple[str, str]]


@dataclass(slots=True)
class Answer:
    status: str
    description: SafeString
    headers: SafeString | None
    media: list[Media] = field(default_factory=list)

    @property
    def is_success(self) -> bool:
        return self.status.startswith("2")


@dataclass(slots=True)
class Page:
    description: SafeString
    scopes: list[str]
    parameters: list[Parameters]
    body: list[Media]
    body_required: bool
    answers: list[Answer]
    samples: list[Sample]


def page(operation: Operation, slug: str, model_url: ModelUrl) -> Page:
    definition = operation.definition()
    raw = definition["operation"]
    body = resolve(definition, raw.get("requestBody")) or {}
    call = sample_call(
        definition,
        method=operation.method,
        path=operation.path,
        base=f"{settings.PORTAL_URL}/sandbox/{slug}",
    )
    return Page(
        description=to_html(str(raw.get("description", ""))),
        scopes=sorted(
            {scope for one in raw.get("security") or [] for names in one.values() for scope in names}
        ),
        parameters=_parameters(raw, definition, model_url),
        body=_media(body.get("content"), definition, "body", model_url),
        body_required=body.get("required") is True,
        answers=[
            _answer(str(status), answer, definition, model_url) for status, answer in raw["responses"].items()
        ],
        samples=samples(call),
    )


def _parameters(raw: dict[str, Any], definition: dict[str, Any], model_url: ModelUrl) -> list[Parameters]:
    found = []
    for place, title in PLACES:
        shapes = [_parameter(one, definition) for one in raw.get("parameters", []) if one["in"] == place]
        if shapes:
            found.append(Parameters(title, tree(Shape("", "object", place, children=shapes), model_url)))
    return found


def _parameter(parameter: dict[str, Any], definition: dict[str, Any]) -> Shape:
    made = shape(
        parameter.get("schema", {}),
        definition,
        name=parameter["name"],
        anchor=f"{parameter['in']}.{parameter['name']}",
    )
    made.required = parameter.get("required") is True
    made.deprecated = parameter.get("deprecated") is True
    made.description = str(parameter.get("description") or made.description)
    made.example = parameter.get("example", made.example)
    return made


def _media(content: Any, definition: dict[str, Any], anchor: str, model_url: ModelUrl) -> list[Media]:
    found = []
    for media_type, media in (content or {}).items():
        root = shape(media.get("schema", {}), definition, anchor=anchor)
        examples = media.get("examples") or {}
        named = [
            (str((resolve(definition, one) or {}).get("summary") or name), name)
            for name, one in examples.items()
        ]
        shown = [(title, _text(media_example(media, definition, name))) for title, name in named]
        if not shown and media.get("schema"):
            shown = [("Example", _text(media_example(media, definition)))]
        found.append(Media(media_type, root.model, tree(root, model_url), shown))
    return found


def _answer(status: str, answer: Any, definition: dict[str, Any], model_url: ModelUrl) -> Answer:
    response = resolve(definition, answer) or {}
    headers = [
        _parameter({"in": f"{status}.header", "name": name, **(resolve(definition, one) or {})}, definition)
        for name, one in (response.get("headers") or {}).items()
    ]
    return Answer(
        status=status,
        description=to_html(str(response.get("description", ""))),
        headers=tree(Shape("", "object", status, children=headers), model_url) if headers else None,
        media=_media(response.get("content"), definition, status, model_url),
    )


def _text(value: Any) -> str:
    return value if isinstance(value, str) else orjson.dumps(value, option=orjson.OPT_INDENT_2).decode()
