"""What the gateway needs of a published version, compiled once per process and kept while it is current."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.functional import cached_property

from catalog.changelog.lifecycle import headers
from catalog.gateway import kept
from catalog.gateway.entrance import Entrance, entrance
from catalog.gateway.router import Router
from catalog.gateway.signing_in import SignIn, compile_sign_in
from catalog.gateway.validation import RequestValidator
from catalog.models import Api, Operation
from catalog.openapi.document import published_scopes
from catalog.sandbox.engine import Program, compile_program

DEFAULT_LIMIT = 110  # calls
DEFAULT_WINDOW = 60  # seconds


class CompiledOperation:
    """Read and compiled at the first call, so that an API of any size costs only what is used of it.

    What is compiled may be dropped between two uses (catalog.gateway.kept), and is then made again.
    """

    def __init__(self, api: CompiledApi, pk: int, operation_id: str) -> None:
        self.api = api
        self.pk = pk
        self.operation_id = operation_id

    @cached_property
    def definition(self) -> dict[str, Any]:
        row = Operation.objects.only("closure").get(pk=self.pk)
        definition, size = row.definition_and_size()
        kept.keep(self, size)
        return definition

    def drop(self) -> None:
        for name in _MADE:
            vars(self).pop(name, None)

    @cached_property
    def request(self) -> RequestValidator:
        return RequestValidator(self.definition)

    @cached_property
    def program(self) -> Program:
        return compile_program(self.api.slug, self.api.outline, self.definition, self.operation_id)

    @cached_property
    def scopes(self) -> list[frozenset[str]]:
        """Any one of these sets is enough."""
        oauth = {
            name
            for name, scheme in self.api.outline["securitySchemes"].items()
            if scheme.get("type") == "oauth2"
        }
        security: list[dict[str, list[str]]] = self.definition["operation"].get("security") or []
        return [
            frozenset(scope for name in oauth.intersection(one) for scope in one[name])
            for one in security
            if oauth.intersection(one)
        ] or [frozenset()]

    @cached_property
    def entrance(self) -> Entrance:
        return entrance(self.definition["operation"], self.api.outline["securitySchemes"])

    @cached_property
    def sign_in(self) -> SignIn | None:
        return compile_sign_in((self.definition["operation"].get("x-sandbox") or {}).get("signIn"))

    @cached_property
    def signs_out(self) -> bool:
        own = self.definition["operation"].get("x-sandbox") or {}
        return own.get("signOut") is True

    @cached_property
    def lifecycle(self) -> list[tuple[str, str]]:
        """Deprecation and Sunset, on every answer of an operation that will go."""
        return headers(self.definition["operation"], published=self.api.published)

    @cached_property
    def error(self) -> Any:
        """The template of the operation's own error shape; None: RFC 9457."""
        own = self.definition["operation"].get("x-sandbox") or {}
        return own.get("error") or self.api.error


_MADE = [name for name, made in vars(CompiledOperation).items() if isinstance(made, cached_property)]


@dataclass(slots=True)
class CompiledApi:
    slug: str
    number: int
    router: Router[CompiledOperation]
    outline: dict[str, Any]
    published: datetime
    limit: int
    window: int
    error: Any
    codes: dict[str, str]  # our words for refusals, and the document's own
    bodiless: frozenset[int]  # statuses that the document answers without a body
    scopes: frozenset[str]


_apis: dict[str, CompiledApi] = {}


def known(slug: str) -> CompiledApi | None:
    """What this process has compiled; may be out of date (the gate tells)."""
    return _apis.get(slug)


def current(slug: str, newest: int | None = None) -> CompiledApi | None:
    """The version on offer, compiled; reads the database unless this process has `newest` already."""
    found = _apis.get(slug)
    if found and found.number == newest:
        return found
    number = current_number(slug)
    if number is None:
        _apis.pop(slug, None)
        return None
    if found and found.number == number:
        return found
    compiled = _compile(slug)
    if compiled:
        _apis[slug] = compiled
    return compiled


def current_number(slug: str) -> int | None:
    return Api.objects.filter(slug=slug).values_list("current__number", flat=True).first()


def _compile(slug: str) -> CompiledApi | None:
    api = (
        Api.objects.filter(slug=slug, current__isnull=False)
        .select_related("current")
        .defer("current__source")
        .first()
    )
    if api is None or api.current is None:
        return None
    outline = api.current.outline()
    rate = outline.get("x-rate-limit") or {}
    compiled = CompiledApi(
        slug=slug,
        number=api.current.number,
        router=Router(),
        outline=outline,
        published=api.current.published,
        limit=rate.get("limit", DEFAULT_LIMIT),
        window=rate.get("window", DEFAULT_WINDOW),
        error=(outline.get("x-sandbox") or {}).get("error"),
        codes=(outline.get("x-sandbox") or {}).get("codes") or {},
        bodiless=_bodiless(outline),
        scopes=frozenset(published_scopes(outline)),
    )
    rows = api.current.operations.values_list("pk", "operation_id", "method", "path")
    for pk, operation_id, method, path in rows:
        compiled.router.add(method, path, CompiledOperation(compiled, pk, operation_id))
    return compiled


def _bodiless(outline: dict[str, Any]) -> frozenset[int]:
    """`errors: {"401": null}` of x-sandbox."""
    shapes = (outline.get("x-sandbox") or {}).get("errors") or {}
    return frozenset(int(status) for status, template in shapes.items() if template is None)


def forget() -> None:
    """Drops everything compiled; for tests."""
    _apis.clear()
    kept.forget()
