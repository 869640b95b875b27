"""The operator's side of support: what waits, one ticket with its conversation, the answer."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import path

from portal.support import services
from portal.support.forms import MessageForm
from portal.support.models import Ticket
from portal.tenancy.admin import operator
from portal.web.operator import ReadOnly


@admin.register(Ticket)
class TicketAdmin(ReadOnly):
    list_display = ("reference", "subject", "tenant", "area", "state", "opened_by", "changed")
    list_filter = ("state", "area", "tenant")
    list_select_related = ("tenant", "opened_by")
    search_fields = ("reference", "subject", "request_id", "messages__text")
    actions = ("close",)

    def get_urls(self) -> Any:
        answer = self.admin_site.admin_view(self.answer)
        return [path("<int:pk>/answer/", answer, name="support_ticket_answer"), *super().get_urls()]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        return self._page(request, get_object_or_404(Ticket, pk=object_id), MessageForm())

    def answer(self, request: HttpRequest, pk: int) -> HttpResponse:
        ticket = get_object_or_404(Ticket, pk=pk)
        if request.method != "POST":
            return redirect("admin:support_ticket_change", pk)
        if "close" in request.POST and not request.POST.get("message", "").strip():
            services.close(ticket=ticket, by=operator(request))
            return redirect("admin:support_ticket_changelist")
        form = MessageForm(request.POST)
        if not form.is_valid():
            return self._page(request, ticket, form)
        services.answer(ticket=ticket, text=form.cleaned_data["message"], by=operator(request))
        if "close" in request.POST:
            services.close(ticket=ticket, by=operator(request))
        self.message_user(request, f"{ticket.reference}: the answer is on its way.")
        return redirect("admin:support_ticket_changelist")

    def _page(self, request: HttpRequest, ticket: Ticket, form: MessageForm) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "title": str(ticket),
            "ticket": ticket,
            "said": ticket.messages.select_related("author"),
            "form": form,
        }
        return TemplateResponse(request, "support/operator_ticket.html", context)

    @admin.action(description="Close")
    def close(self, request: HttpRequest, rows: QuerySet[Ticket]) -> None:
        for ticket in rows:
            services.close(ticket=ticket, by=operator(request))
