"""The operator's view of the APIs on offer, and the page that publishes a document."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import UploadedFile
from django.core.validators import validate_slug
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse

import catalog.access.admin  # noqa: F401 - registers its pages
from catalog.errors import CatalogError
from catalog.models import Api, ApiVersion
from catalog.services import largest_document, publish
from portal.tenancy.models import User
from portal.web.operator import ReadOnly


class DocumentForm(forms.Form):
    slug = forms.CharField(
        label="Address",
        max_length=60,
        validators=[validate_slug],
        help_text="The API's part of its addresses, such as my-api. A known one gets a new version.",
    )
    document = forms.FileField(help_text="OpenAPI 3.0 or 3.1, JSON or YAML, in one file.")

    def clean_document(self) -> UploadedFile[Any]:
        document: UploadedFile[Any] = self.cleaned_data["document"]
        if (document.size or 0) > largest_document():
            raise forms.ValidationError(f"At most {largest_document():,} bytes are taken.")
        return document


@admin.register(Api)
class ApiAdmin(ReadOnly):
    list_display = ("slug", "current", "created")
    list_select_related = ("current",)
    fields = readonly_fields = ("slug", "current", "created")
    change_list_template = "catalog/operator_apis.html"

    def get_queryset(self, request: HttpRequest) -> Any:
        bulk = [f"current__{name}" for name in ("source", "frame", "index", "changes")]
        return super().get_queryset(request).defer(*bulk)

    def get_urls(self) -> list[URLPattern]:
        own = path("publish/", self.admin_site.admin_view(self.publish), name="catalog_api_publish")
        return [own, *super().get_urls()]

    def publish(self, request: HttpRequest) -> HttpResponse:
        if not isinstance(request.user, User) or not request.user.is_superuser:
            raise PermissionDenied
        form = DocumentForm(request.POST or None, request.FILES or None)
        if form.is_valid() and (done := self._published(request, form)):
            messages.success(request, f"{done} is published.")
            return redirect(reverse("admin:catalog_api_changelist"))
        context = self.admin_site.each_context(request) | {"form": form, "title": "Publish a document"}
        return render(request, "catalog/operator_publish.html", context)

    def _published(self, request: HttpRequest, form: DocumentForm) -> ApiVersion | None:
        assert isinstance(request.user, User)
        try:
            source = form.cleaned_data["document"].read()
            return publish(slug=form.cleaned_data["slug"], source=source, by=request.user)
        except CatalogError as error:
            form.add_error("document", str(error))
            return None


@admin.register(ApiVersion)
class ApiVersionAdmin(ReadOnly):
    list_display = ("title", "api", "number", "label", "change_count", "breaking_count", "published")
    list_select_related = ("api",)
    list_filter = ("api",)
    fields = readonly_fields = (
        "api",
        "number",
        "title",
        "label",
        "summary",
        "digest",
        "change_count",
        "breaking_count",
        "published",
    )

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).defer("source", "frame", "index", "changes")
