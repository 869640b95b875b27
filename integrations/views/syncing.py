"""The fourth step, the overview of an integration, and its runs."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from integrations.errors import IntegrationError
from integrations.forms import ScheduleForm
from integrations.models import Integration, Record, Sync
from integrations.queries import counts, records_of, syncs_of
from integrations.services import ending, scheduling, syncing
from integrations.views.door import integration_view, page
from portal.tenancy.access import TenantRequest
from portal.tenancy.models import Role
from portal.web.cells import cell
from portal.web.listing import page_of

Outcome = Record.Outcome


@integration_view(Role.VIEWER, "GET")
def overview(request: TenantRequest, integration: Integration) -> HttpResponse:
    rows = page_of(request, syncs_of(integration))
    return page(request, "integrations/overview.html", integration, page=rows, counts=counts(integration))


@integration_view(Role.DEVELOPER, "GET", "POST")
def schedule(request: TenantRequest, integration: Integration) -> HttpResponse:
    initial = {
        "mode": "schedule" if integration.interval else "manual",
        "start": f"{integration.start_time:%H:%M}" if integration.start_time else "06:00",
        "interval": integration.interval or 1440,
    }
    form = ScheduleForm(request.POST or None, initial=initial)
    if integration.step in (Integration.Step.FIELDS, Integration.Step.PEOPLE):
        messages.info(request, "Confirm the steps before this one first.")
        return redirect(f"integrations:{integration.step}", integration.pk)
    if form.is_valid():
        return _save_schedule(request, integration, form)
    now = f"{timezone.now().astimezone(request.tenant.zone):%H:%M}"
    return page(request, "integrations/schedule.html", integration, form=form, now=now)


def _save_schedule(request: TenantRequest, integration: Integration, form: ScheduleForm) -> HttpResponse:
    is_first = not integration.is_ready
    scheduling.save_schedule(integration=integration, by=request.user, **form.chosen())
    if is_first and "then" in request.POST:
        messages.success(request, f"“{integration}” is set up.")
        if request.POST["then"] in ("sync", "dry"):
            sync = syncing.start_sync(
                integration=integration, is_dry=request.POST["then"] == "dry", by=request.user
            )
            return redirect("integrations:run", integration.pk, sync.pk)
        return redirect("integrations:list")
    messages.success(request, "The sync settings are saved.")
    return redirect("integrations:overview", integration.pk)


@integration_view(Role.DEVELOPER, "POST")
def start(request: TenantRequest, integration: Integration) -> HttpResponse:
    sync = syncing.start_sync(integration=integration, is_dry="dry" in request.POST, by=request.user)
    return redirect("integrations:run", integration.pk, sync.pk)


@integration_view(Role.VIEWER, "GET")
def run(request: TenantRequest, integration: Integration, sync: int) -> HttpResponse:
    found = sync_of(integration, sync)
    outcome = request.GET.get("outcome", "")
    outcome = outcome if outcome in Outcome.values else ""
    search = request.GET.get("q", "")
    rows = page_of(request, records_of(found, outcome=outcome, search=search))
    context: dict[str, Any] = {
        "sync": found,
        "page": rows,
        "outcome": outcome,
        "q": search,
        "filters": _filters(found),
    }
    return page(request, "integrations/run.html", integration, **context)


@integration_view(Role.VIEWER, "GET")
def run_state(request: TenantRequest, integration: Integration, sync: int) -> HttpResponse:
    """Polled while the run lives; at its end the page is loaded again, with all its records."""
    found = sync_of(integration, sync)
    headers = {} if found.run.is_live else {"HX-Refresh": "true"}
    return render_state(request, integration, found, headers)


def render_state(
    request: TenantRequest, integration: Integration, sync: Sync, headers: dict[str, str]
) -> HttpResponse:
    answer = render(request, "integrations/_run_state.html", {"integration": integration, "sync": sync})
    for name, value in headers.items():
        answer[name] = value
    return answer


def _filters(sync: Sync) -> list[tuple[str, str, int]]:
    words = (
        {"create": "To create", "update": "To update"}
        if sync.is_dry
        else {"create": "Created", "update": "Updated"}
    )
    numbers = {
        Outcome.CREATE: sync.created_count,
        Outcome.UPDATE: sync.updated_count,
        Outcome.UNCHANGED: sync.unchanged_count,
        Outcome.SKIPPED: sync.skipped_count,
        Outcome.FAILED: sync.failed_count,
    }
    return [(one.value, words.get(one.value, str(one.label)), number) for one, number in numbers.items()]


@integration_view(Role.DEVELOPER, "POST")
def answer(request: TenantRequest, integration: Integration, sync: int) -> HttpResponse:
    """A person's word on a run: go on with a held one, stop it, or try again what failed."""
    found = sync_of(integration, sync)
    match request.POST.get("answer"):
        case "release":
            syncing.release(sync=found, by=request.user)
        case "discard":
            syncing.discard(sync=found, by=request.user)
        case "retry":
            found = syncing.retry_failed(sync=found, by=request.user)
        case _:
            raise IntegrationError("Choose what to do with this run.")
    return redirect("integrations:run", integration.pk, found.pk)


HEAD = ("person", "type", "outcome", "old", "new", "unit", "HR balance", "HR unit", "as of", "reason")


@integration_view(Role.VIEWER, "GET")
def export(request: TenantRequest, integration: Integration, sync: int) -> StreamingHttpResponse:
    found = sync_of(integration, sync)
    response = StreamingHttpResponse(_lines(found), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="sync-{found.pk}.csv"'
    return response


class _Echo:
    """A file whose write() hands the line on."""

    def write(self, text: str) -> str:
        return text


def _lines(sync: Sync) -> Iterator[str]:
    writer = csv.writer(_Echo())
    yield writer.writerow(HEAD)
    for one in records_of(sync).iterator(chunk_size=1000):
        values = (one.person, one.type_name, one.outcome, one.old, one.new, one.unit, one.raw, one.raw_unit)
        yield writer.writerow([cell(value) for value in (*values, one.as_of, one.reason)])


@integration_view(Role.DEVELOPER, "GET", "POST")
def disable(request: TenantRequest, integration: Integration) -> HttpResponse:
    if request.method != "POST":
        return page(request, "integrations/disable.html", integration)
    if "enable" in request.POST:
        ending.enable(integration=integration, by=request.user)
        messages.success(request, f"“{integration}” is enabled.")
    else:
        ending.disable(integration=integration, by=request.user)
        messages.success(request, f"“{integration}” is disabled. Everything set up is kept.")
    return redirect("integrations:overview", integration.pk)


@integration_view(Role.DEVELOPER, "GET", "POST")
def delete(request: TenantRequest, integration: Integration) -> HttpResponse:
    if request.method != "POST":
        return page(request, "integrations/delete.html", integration)
    if request.POST.get("name", "").strip() != integration.company_domain:
        return page(request, "integrations/delete.html", integration, status=400, is_wrong=True)
    name = str(integration)
    ending.delete_integration(integration=integration, by=request.user)
    messages.success(request, f"“{name}” is deleted. Balances already written stay.")
    return redirect("integrations:list")


def sync_of(integration: Integration, pk: int) -> Sync:
    found: Sync = get_object_or_404(syncs_of(integration).select_related("integration"), pk=pk)
    return found
