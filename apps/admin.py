"""Operators may look at apps. The toolkit's own pages, which can change credentials, are taken away."""

from __future__ import annotations

from django.contrib import admin
from oauth2_provider import admin as toolkit  # registers its pages on import

from apps.models import App
from portal.web.operator import ReadOnly

for model in (
    toolkit.application_model,
    toolkit.access_token_model,
    toolkit.grant_model,
    toolkit.id_token_model,
    toolkit.refresh_token_model,
):
    admin.site.unregister(model)


@admin.register(App)
class AppAdmin(ReadOnly):
    list_display = ("name", "tenant", "public_id", "created", "updated", "deleted_at")
    list_select_related = ("tenant",)
    list_filter = ("tenant",)
    search_fields = ("name", "public_id", "client_id")
    fields = (
        "name",
        "tenant",
        "description",
        "public_id",
        "client_id",
        "secret_hint",
        "issued_at",
        "credential_epoch",
        "scope",
        "rate_limit",
        "created_by",
        "created",
        "updated",
        "deleted_at",
    )
    readonly_fields = fields
