"""The operator's view of tenants' gateway settings; imported by catalog.admin."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin

from catalog.access.models import AllowedOrigin, RateLimit, Upstream
from catalog.access.services import NotAllowed, checked_address, next_version, subject
from portal import stamps


class UpstreamForm(forms.ModelForm):  # type: ignore[type-arg]  # not generic at run time
    secret = forms.CharField(required=False, strip=False, widget=forms.PasswordInput)

    class Meta:
        model = Upstream
        fields = (
            "tenant",
            "api",
            "address",
            "sign_in",
            "header",
            "token_address",
            "client_id",
            "scope",
            "timeout",
        )

    def clean_address(self) -> str:
        try:
            return checked_address(self.cleaned_data["address"])
        except NotAllowed as error:
            raise forms.ValidationError(str(error)) from None


@admin.register(Upstream)
class UpstreamAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # not generic at run time
    form = UpstreamForm
    list_display = ("tenant", "api", "address", "sign_in", "updated")
    list_filter = ("api", "tenant")
    list_select_related = ("tenant",)

    def save_model(self, request: Any, obj: Upstream, form: Any, change: bool) -> None:
        if form.cleaned_data["secret"]:
            obj.secret = form.cleaned_data["secret"]
        obj.version = next_version()
        super().save_model(request, obj, form, change)
        stamps.publish(subject(obj.tenant_id, obj.api), obj.version)

    def delete_model(self, request: Any, obj: Upstream) -> None:
        which = subject(obj.tenant_id, obj.api)
        super().delete_model(request, obj)
        stamps.publish(which, next_version())


@admin.register(RateLimit)
class RateLimitAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # not generic at run time
    list_display = ("tenant", "api", "calls")
    list_filter = ("tenant",)
    list_select_related = ("tenant",)


@admin.register(AllowedOrigin)
class AllowedOriginAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # not generic at run time
    list_display = ("origin", "tenant")
    list_filter = ("tenant",)
    list_select_related = ("tenant",)
