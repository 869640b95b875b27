"""The catalog: APIs, their operations, models and guides."""

from __future__ import annotations

from functools import partial
from itertools import groupby
from typing import Any

from django.conf import settings
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse

from catalog import reference
from catalog.markdown import guide_to_html, to_html
from catalog.models import ApiVersion, Operation
from catalog.openapi.shape import shape
from catalog.openapi.shape_html import tree
from catalog.queries import current_version, guides_of, operations_of, published
from portal.tenancy.access import TenantRequest, tenant_view
from portal.tenancy.models import Role


@tenant_view(Role.VIEWER)
def api_list(request: TenantRequest) -> HttpResponse:
    return render(request, "catalog/list.html", {"apis": published()})


@tenant_view(Role.VIEWER)
def api_home(request: TenantRequest, slug: str) -> HttpResponse:
    version = _version(slug)
    info = version.outline()["info"]
    context = _frame(slug, version) | {
        "here": "api",
        "description": to_html(str(info.get("description", ""))),
    }
    return render(request, "catalog/api.html", context)


@tenant_view(Role.VIEWER)
def operation(request: TenantRequest, slug: str, operation_id: str) -> HttpResponse:
    version = _version(slug)
    found = get_object_or_404(version.operations, operation_id=operation_id)
    context = _frame(slug, version) | {
        "operation": found,
        "page": reference.page(found, slug, partial(_model_url, slug)),
        "before": _neighbour(version, found, -1),
        "after": _neighbour(version, found, 1),
    }
    return render(request, "catalog/operation.html", context)


@tenant_view(Role.VIEWER)
def models(request: TenantRequest, slug: str) -> HttpResponse:
    version = _version(slug)
    document = ApiVersion.objects.only("source").get(pk=version.pk).document()
    schemas = (document.get("components") or {}).get("schemas") or {}
    shown = [
        (name, tree(shape(schema, document, anchor=f"{name}.fields"), partial(_model_url, slug)))
        for name, schema in sorted(schemas.items())
    ]
    return render(request, "catalog/models.html", _frame(slug, version) | {"models": shown})


@tenant_view(Role.VIEWER)
def guide(request: TenantRequest, slug: str, name: str) -> HttpResponse:
    version = _version(slug)
    found = get_object_or_404(version.guides, slug=name)
    html = guide_to_html(found.text, lambda one: reverse("catalog:operation", args=[slug, one]))
    return render(request, "catalog/guide.html", _frame(slug, version) | {"guide": found, "html": html})


def _version(slug: str) -> ApiVersion:
    version = current_version(slug)
    if version is None:
        raise Http404
    return version


def _frame(slug: str, version: ApiVersion) -> dict[str, Any]:
    """What every page of an API has beside its content: the list of groups and guides."""
    groups = groupby(operations_of(version), key=lambda one: one.group)
    return {
        "slug": slug,
        "sandbox_url": f"{settings.PORTAL_URL}/sandbox/{slug}",
        "live_url": f"{settings.PORTAL_URL}/live/{slug}",
        "version": version,
        "groups": [(name, list(found)) for name, found in groups],
        "guides": guides_of(version),
    }


def _neighbour(version: ApiVersion, found: Operation, step: int) -> Operation | None:
    return operations_of(version).filter(position=found.position + step).first()


def _model_url(slug: str, name: str) -> str:
    return reverse("catalog:models", args=[slug]) + f"#{name}"
