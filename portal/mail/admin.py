"""The operator's pages on mail: what waits, what was sent, and in which words."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.html import format_html

from portal.crypto import WrongKey
from portal.mail import sending, wording
from portal.mail.models import MailWording, Outbox
from portal.web.operator import ReadOnly


@admin.register(Outbox)
class OutboxAdmin(ReadOnly):
    list_display = ("subject", "to", "state", "tries", "last_error", "created", "sent", "read")
    list_filter = ("state", "template")
    search_fields = ("to", "subject")
    actions = ("try_again",)
    list_display_links = None

    def get_queryset(self, request: HttpRequest) -> QuerySet[Outbox]:
        return Outbox.objects.defer("body").exclude(state=Outbox.State.DECOY)

    def get_urls(self) -> Any:
        preview = self.admin_site.admin_view(self.preview)
        return [path("<int:pk>/text/", preview, name="mail_outbox_text"), *super().get_urls()]

    @admin.display(description="")
    def read(self, mail: Outbox) -> str:
        if mail.state == Outbox.State.SENT:
            return "emptied once sent"
        return format_html('<a href="{}">Read</a>', reverse("admin:mail_outbox_text", args=[mail.pk]))

    def preview(self, request: HttpRequest, pk: int) -> TemplateResponse:
        mail = get_object_or_404(self.get_queryset(request), pk=pk)
        try:
            text = sending.message(mail).body if mail.body else "The text was removed."
        except WrongKey as error:
            text = str(error)
        context = {**self.admin_site.each_context(request), "title": mail.subject, "mail": mail, "text": text}
        return TemplateResponse(request, "mail/preview.html", context)

    @admin.action(description="Try again now")
    def try_again(self, request: HttpRequest, rows: QuerySet[Outbox]) -> None:
        waiting = rows.exclude(state__in=(Outbox.State.SENT, Outbox.State.DECOY)).exclude(body=None)
        count = waiting.update(state=Outbox.State.QUEUED, next_try=timezone.now())
        self.message_user(request, f"{count} waiting to be sent.")


@admin.register(MailWording)
class MailWordingAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("template", "subject")

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """`?template=reset` starts from the portal's own words."""
        name = request.GET.get("template", "")
        if name not in wording.TEMPLATES:
            return {}
        subject, text = wording.own_words(name)
        return {"template": name, "subject": subject, "text": text}

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        own = [{"name": name, **_shown(name)} for name in wording.TEMPLATES]
        return super().changelist_view(request, {"title": "Wordings of mails", "own_words": own})


def _shown(name: str) -> dict[str, str]:
    known = wording.TEMPLATES[name]
    return {"title": known.title, "names": known.shown_names()}
