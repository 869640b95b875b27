"""The operator's settings of the portal, and the words of its legal pages."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from portal.front import legal, services
from portal.front.models import LegalText, Settings
from portal.front.queries import settings_row
from portal.tenancy.admin import operator


@admin.register(Settings)
class SettingsAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # not generic at run time
    """One row: its list leads to it, and makes it when it is not there yet."""

    fields = services.FIELDS

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        if not Settings.objects.exists():
            settings_row().save()
        return redirect(reverse("admin:front_settings_change", args=[1]))

    def save_model(self, request: HttpRequest, obj: Settings, form: Any, change: bool) -> None:
        services.change_settings(by=operator(request), **form.cleaned_data)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(LegalText)
class LegalTextAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("kind", "changed")
    fields = ("kind", "text")
    change_list_template = "front/operator_legal.html"
    actions = ("use_shipped_words",)

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """`?kind=privacy` starts from the words that came with the portal."""
        kind = request.GET.get("kind", "")
        return {"kind": kind, "text": legal.shipped(kind)} if kind in LegalText.Kind.values else {}

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return ("kind",) if obj else ()

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        own = set(LegalText.objects.values_list("kind", flat=True))
        pages = [{"kind": kind, "title": title, "is_own": kind in own} for kind, title in legal.KINDS]
        return super().changelist_view(request, {"pages": pages})

    def save_model(self, request: HttpRequest, obj: LegalText, form: Any, change: bool) -> None:
        saved = services.change_legal(kind=obj.kind, text=obj.text, by=operator(request))
        obj.pk = saved.pk

    def delete_model(self, request: HttpRequest, obj: LegalText) -> None:
        services.forget_legal(row=obj, by=operator(request))

    def get_actions(self, request: HttpRequest) -> Any:
        return {
            name: found for name, found in super().get_actions(request).items() if name != "delete_selected"
        }

    @admin.action(description="Use the words that came with the portal")
    def use_shipped_words(self, request: HttpRequest, rows: QuerySet[LegalText]) -> None:
        for row in rows:
            services.forget_legal(row=row, by=operator(request))
            self.message_user(request, f"{row}: the portal's own words stand again.")
