"""What the reference pages show of an operation and of a model. A version never changes, so it is kept."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache, partial
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.safestring import SafeString

from catalog.changelog.lifecycle import Lifecycle, lifecycle
from catalog.highlight import json_to_html
from catalog.markdown import linked, to_html
from catalog.models import Operation, Schema
from catalog.openapi.closure import resolve
from catalog.openapi.example import made, media_examples
from catalog.openapi.samples import Sample, sample_call, samples
from catalog.openapi.shape import Budget, Shape, shape
from catalog.openapi.shape_html import tree
from catalog.openapi.written import schema_name, written

PLACES = (
    ("path", "Path parameters"),
    ("query", "Query parameters"),
    ("header", "Headers"),
    ("cookie", "Cookies"),
)
LONGEST_EXAMPLE = 12_000  # characters
ModelUrl = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Parameters:
    title: str
    root: Shape
    html: SafeString


@dataclass(frozen=True, slots=True)
class Example:
    title: str
    html: SafeString


@dataclass(frozen=True, slots=True)
class Media:
    """A body of one media type: its schema and its examples. `same_as` is a status that shows the schema."""

    type: str
    model: str
    root: Shape
    html: SafeString
    examples: list[Example]
    same_as: str = ""


@dataclass(slots=True)
class Answer:
    status: str
    description: SafeString
    headers: SafeString | None
    header_root: Shape
    media: list[Media] = field(default_factory=list)

    @property
    def is_success(self) -> bool:
        return self.status.startswith("2")

    @property
    def tone(self) -> str:
        return {"2": "ok", "3": "info", "4": "warn", "5": "bad"}.get(self.status[:1], "neutral")


@dataclass(slots=True)
class Page:
    description: SafeString
    text: str  # the description as it was written
    scopes: list[str]
    parameters: list[Parameters]
    body: list[Media]
    body_required: bool
    answers: list[Answer]
    samples: list[Sample]
    lifecycle: Lifecycle


def model_url(slug: str, name: str) -> str:
    return reverse("catalog:model", args=[slug, name])


@lru_cache(maxsize=128)
def page_of(pk: int, digest: str, slug: str) -> Page:
    """The page of a stored operation; kept under the digest of its version, which never changes."""
    return page(Operation.objects.get(pk=pk), slug)


def page(operation: Operation, slug: str) -> Page:
    definition = operation.definition()
    raw = definition["operation"]
    body = resolve(definition, raw.get("requestBody")) or {}
    base = f"{settings.PORTAL_URL}/sandbox/{slug}"
    work = _Work(definition, partial(model_url, slug))
    return Page(
        description=to_html(str(raw.get("description") or "")[:60_000]),
        text=str(raw.get("description") or ""),
        scopes=sorted(
            {scope for one in raw.get("security") or [] for names in one.values() for scope in names}
        ),
        parameters=work.parameters(),
        body=work.media(body.get("content"), "body", Budget(nodes=220)),
        body_required=body.get("required") is True,
        answers=[work.answer(str(status), answer) for status, answer in raw["responses"].items()],
        samples=samples(sample_call(definition, method=operation.method, path=operation.path, base=base)),
        lifecycle=lifecycle(raw),
    )


class _Work:
    """One page in the making: its parts share a budget, and know what stands above them."""

    def __init__(self, definition: dict[str, Any], url: ModelUrl) -> None:
        self.definition, self.url = definition, url
        self.budget = Budget(nodes=330)
        self.shown: dict[tuple[str, str], str] = {}  # a model and media type, and the status that shows it

    def parameters(self) -> list[Parameters]:
        found = []
        for place, title in PLACES:
            given = [one for one in self.definition["operation"]["parameters"] if one["in"] == place]
            root = Shape("", "object", place, children=[self.parameter(one) for one in given])
            if given:
                found.append(Parameters(title, root, tree(root, self.url)))
        return found

    def parameter(self, parameter: dict[str, Any]) -> Shape:
        schema = parameter.get("schema")
        for media in (parameter.get("content") or {}).values():
            schema = media.get("schema")
        anchor = f"{parameter['in']}.{parameter['name']}"
        made_ = shape(schema, self.definition, name=parameter["name"], anchor=anchor, budget=self.budget)
        made_.required = parameter.get("required") is True
        made_.deprecated = made_.deprecated or parameter.get("deprecated") is True
        made_.description = self.budget.text(parameter.get("description")) or made_.description
        made_.example = parameter.get("example", made_.example)
        return made_

    def media(self, content: Any, anchor: str, budget: Budget | None = None) -> list[Media]:
        found: list[Media] = []
        for media_type, media in (content or {}).items():
            schema = media.get("schema", {})
            reference = schema.get("$ref", "") if isinstance(schema, dict) else ""
            same_as = self.shown.get((reference, media_type), "") if anchor != "body" else ""
            if reference and not same_as and anchor != "body":
                self.shown[reference, media_type] = anchor
            place = f"{anchor}-{len(found) + 1}" if found else anchor  # ids stand once on a page
            root = shape(
                {} if same_as else schema, self.definition, anchor=place, budget=budget or self.budget
            )
            html = SafeString("") if same_as else tree(root, self.url)
            examples = [
                Example(title, _example(value, str(media_type), schema_name(schema)))
                for title, value in media_examples(media, self.definition)[:8]
                if not (same_as and "example" not in media and "examples" not in media)
            ]
            model = reference.rsplit("/", 1)[-1]
            found.append(Media(str(media_type), model, root, html, examples, same_as))
        return found

    def answer(self, status: str, answer: Any) -> Answer:
        response = resolve(self.definition, answer) or {}
        headers = [
            self.parameter({**(resolve(self.definition, one) or {}), "in": f"{status}.header", "name": name})
            for name, one in (response.get("headers") or {}).items()
        ]
        root = Shape("", "object", status, children=headers)
        return Answer(
            status=status,
            description=to_html(str(response.get("description") or "")[:5000]),
            headers=tree(root, self.url) if headers else None,
            header_root=root,
            media=self.media(response.get("content"), status),
        )


@dataclass(frozen=True, slots=True)
class ModelPage:
    name: str
    description: SafeString
    root: Shape
    html: SafeString
    example: SafeString
    used_by: list[str]  # operation ids
    used: int


@lru_cache(maxsize=128)
def model_page_of(pk: int, digest: str, slug: str) -> ModelPage:
    found = Schema.objects.get(pk=pk)
    definition = found.definition()
    root = shape(definition["schema"], definition, anchor="fields", budget=Budget(nodes=500))
    description, root.description = root.description, ""
    return ModelPage(
        name=found.name,
        description=linked(to_html(description), slug),
        root=root,
        html=linked(tree(root, partial(model_url, slug)), slug),
        example=_example(made(definition["schema"], definition)),
        used_by=definition["operations"],
        used=definition["used"],
    )


def _example(value: Any, media_type: str = "application/json", name: str = "") -> SafeString:
    text = value if isinstance(value, str) else written(value, media_type, name=name)
    if len(text) > LONGEST_EXAMPLE:
        cut = text[:LONGEST_EXAMPLE].rsplit("\n", 1)[0]
        text = f"{cut}\n… and {len(text) - len(cut):,} characters more"
    return json_to_html(text)
