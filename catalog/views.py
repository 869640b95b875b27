"""The catalog: APIs, their operations, models and guides."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from django.conf import settings
from django.core.paginator import Paginator
from django.db.models import Count
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.safestring import SafeString
from django.views.decorators.http import require_safe

from catalog import addresses, as_markdown, downloads, fragments, reference
from catalog.access.queries import upstream_of
from catalog.data_page import declared_pages
from catalog.fragments import MOST_LISTED, Kept
from catalog.markdown import guide_to_html, headings, linked, to_html
from catalog.models import ApiVersion, Operation
from catalog.queries import current_version, operations_of, published, recent_calls
from portal.front.queries import catalog_is_public
from portal.tenancy.access import ReaderRequest, reader_view
from portal.tenancy.models import Role, Tenant

MODELS_PER_PAGE = 200


@require_safe
@reader_view(Role.VIEWER, is_open=catalog_is_public)
def api_list(request: ReaderRequest) -> HttpResponse:
    return render(
        request, "catalog/list.html", {"apis": published().annotate(operations=Count("current__operations"))}
    )


@require_safe
@reader_view(Role.VIEWER, is_open=catalog_is_public)
def api_home(request: ReaderRequest, slug: str) -> HttpResponse:
    version = version_of(slug)
    outline = version.outline()
    chosen = request.GET.get("group", "")
    groups = outline.get("groups") or []
    context = frame(slug, version, group=chosen, here="" if chosen else "api") | {
        "total": sum(one["count"] for one in groups),
        "description": linked(to_html(str(outline["info"].get("description") or "")[:60_000]), slug),
        "sections": _sections(version, outline, chosen),
        "chosen": chosen,
        "versions": version.api.versions.defer("source", "frame", "index", "changes")[:20],
        "info": outline["info"],
        "is_live": request.tenant is None or upstream_of(request.tenant.pk, slug) is not None,
        "data_pages": declared_pages(outline),
        "has_data": bool((outline.get("x-sandbox") or {}).get("collections")),
    }
    return render(request, "catalog/api.html", context)


@require_safe
@reader_view(Role.VIEWER, is_open=catalog_is_public)
def operation(request: ReaderRequest, slug: str, operation_id: str) -> HttpResponse:
    version = version_of(slug)
    try:
        kept = fragments.operation(Kept(version, slug), operation_id)
    except Operation.DoesNotExist:
        raise Http404 from None
    found: Operation = kept["operation"]
    context = frame(slug, version, group=found.group, position=found.position) | {
        **kept,
        **_own_calls(request.tenant, slug, operation_id),
    }
    return render(request, "catalog/operation.html", context)


def _own_calls(tenant: Tenant | None, slug: str, operation_id: str) -> dict[str, Any]:
    """Nothing for a reader without an account."""
    if tenant is None:
        return {}
    return {
        "calls": recent_calls(tenant).get((slug, operation_id), 0),
        "usage_url": addresses.of_usage(tenant, operation_id),
    }


@require_safe
@reader_view(Role.VIEWER, is_open=catalog_is_public)
def operation_markdown(request: ReaderRequest, slug: str, operation_id: str) -> HttpResponse:
    version = version_of(slug)
    found = get_object_or_404(operations_of(version), operation_id=operation_id)
    text = as_markdown.operation_page(
        found,
        reference.page_of(found.pk, version.digest, slug),
        live_url=_live(slug),
        sandbox_url=_sandbox(slug),
    )
    return _markdown(text)


@require_safe
@reader_view(Role.VIEWER, is_open=catalog_is_public)
def models(request: ReaderRequest, slug: str) -> HttpResponse:
    version = version_of(slug)
    names = version.schemas.order_by("position").values_list("name", flat=True)
    question = request.GET.get("q", "").strip()[:100]
    if question:
        names = names.filter(name__icontains=question)
    page = Paginator(names, MODELS_PER_PAGE).get_page(request.GET.get("page"))
    context = frame(slug, version, here="models") | {"page": page, "question": question}
    return render(request, "catalog/models.html", context)


@require_safe
@reader_view(Role.VIEWER, is_open=catalog_is_public)
def model(request: ReaderRequest, slug: str, name: str) -> HttpResponse:
    version = version_of(slug)
    found = get_object_or_404(version.schemas.defer("closure"), name=name)
    shown = reference.model_page_of(found.pk, version.digest, slug)
    context = frame(slug, version, here="models") | {
        "model": shown,
        "used_by": operations_of(version).filter(operation_id__in=shown.used_by[:50]),
        "more": max(0, shown.used - 50),
    }
    return render(request, "catalog/model.html", context)


@require_safe
@reader_view(Role.VIEWER, is_open=catalog_is_public)
def guide(request: ReaderRequest, slug: str, name: str) -> HttpResponse:
    version = version_of(slug)
    found = get_object_or_404(version.guides, slug=name)
    html = guide_to_html(found.text, slug)
    context = {"guide": found, "html": html, "headings": headings(html)}
    return render(request, "catalog/guide.html", frame(slug, version, here=f"guide {name}") | context)


@require_safe
@reader_view(Role.VIEWER, is_open=catalog_is_public)
def guide_markdown(request: ReaderRequest, slug: str, name: str) -> HttpResponse:
    return _markdown(get_object_or_404(version_of(slug).guides, slug=name).text)


@require_safe
@reader_view(Role.VIEWER, is_open=catalog_is_public)
def download(request: ReaderRequest, slug: str, name: str) -> FileResponse:
    version = version_of(slug)
    if name not in downloads.FILES:
        raise Http404
    file = downloads.file_of(version, slug, name).open("rb")
    kind = downloads.TYPES[name.rpartition(".")[2]]
    is_text = name.endswith(".txt")
    return FileResponse(file, as_attachment=not is_text, filename=f"{slug}-{name}", content_type=kind)


def version_of(slug: str) -> ApiVersion:
    version = current_version(slug)
    if version is None:
        raise Http404
    return version


def frame(
    slug: str, version: ApiVersion, *, group: str = "", position: int | None = None, here: str = ""
) -> dict[str, Any]:
    """What every page of an API has beside its content."""
    return {
        "slug": slug,
        "sandbox_url": _sandbox(slug),
        "live_url": _live(slug),
        "version": version,
        "menu": fragments.menu(Kept(version, slug), group, position, here),
    }


def _told(group: dict[str, Any], slug: str) -> SafeString:
    return linked(to_html(group["description"]), slug)


def _sections(version: ApiVersion, outline: dict[str, Any], chosen: str) -> list[dict[str, Any]]:
    """The groups of the API's home with their operations; of a large API, those of the chosen group."""
    slug = version.api.slug
    groups = [one for one in outline.get("groups") or [] if not chosen or one["name"] == chosen]
    if chosen and not groups:
        raise Http404
    if not chosen and version.operations.count() > MOST_LISTED:
        return [one | {"description": _told(one, slug), "operations": []} for one in groups]
    found = operations_of(version).filter(group__in=[one["name"] for one in groups])[:1000]
    listed = {
        name: list(some) for name, some in groupby(sorted(found, key=_by_group), key=lambda one: one.group)
    }
    return [
        one | {"description": _told(one, slug), "operations": listed.get(one["name"], [])} for one in groups
    ]


def _by_group(one: Operation) -> tuple[str, int]:
    return one.group, one.position


def _sandbox(slug: str) -> str:
    return f"{settings.PORTAL_URL}/sandbox/{slug}"


def _live(slug: str) -> str:
    return f"{settings.PORTAL_URL}/live/{slug}"


def _markdown(text: str) -> HttpResponse:
    return HttpResponse(text, content_type="text/markdown; charset=utf-8")
