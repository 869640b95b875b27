"""The second and third step: time-off types, and employees."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from integrations.errors import IntegrationError
from integrations.forms import PairFormSet, pair_forms
from integrations.models import Employee, Integration
from integrations.preview import preview
from integrations.queries import FILTERS, counts, free_targets, reading, rows_of, sources
from integrations.services import mapping, people
from integrations.views.door import integration_view, page
from portal.tenancy.access import TenantRequest
from portal.tenancy.models import Role
from portal.web.listing import page_of


@integration_view(Role.DEVELOPER, "GET", "POST")
def fields(request: TenantRequest, integration: Integration) -> HttpResponse:
    formset = pair_forms(integration, request.POST or None)
    if request.method == "POST" and formset.is_valid():
        first = not integration.is_ready
        try:
            mapping.save_mappings(integration=integration, pairs=formset.pairs(), by=request.user)
        except IntegrationError as error:
            messages.error(request, str(error))
        else:
            messages.success(request, "The time-off types are mapped.")
            return redirect("integrations:people" if first else "integrations:fields", integration.pk)
    return page(
        request, "integrations/fields.html", integration, formset=formset, **_preview(integration, formset)
    )


@integration_view(Role.DEVELOPER, "POST")
def fields_preview(request: TenantRequest, integration: Integration) -> HttpResponse:
    formset = pair_forms(integration, request.POST)
    formset.is_valid()
    return render(request, "integrations/_preview.html", _preview(integration, formset))


def _preview(integration: Integration, formset: PairFormSet) -> dict[str, Any]:
    """Of the rows that make sense as they stand."""
    if formset.is_bound:
        gone = set(formset.deleted_forms) if formset.is_valid() else set()
        forms = [form for form in formset.forms if form not in gone and not form.errors]
        pairs = [form.pair() for form in forms if form.cleaned_data.get("source")]
    else:
        pairs = [
            mapping.Pair(one.source_id, one.target_id, one.unit, one.hours_per_day)
            for one in integration.mappings.all()
        ]
    return {"lines": preview(integration, pairs), "has_sample": bool(integration.sample)}


@integration_view(Role.DEVELOPER, "GET")
def people_list(request: TenantRequest, integration: Integration) -> HttpResponse:
    found = counts(integration)
    show = request.GET.get("show", "")
    if show not in FILTERS:
        show = "open" if found["open"] else "matched"
    search = request.GET.get("q", "")
    rows = page_of(request, sources(integration, show=show, search=search))
    filters = [(name, label, found[name]) for name, label in FILTERS.items()]
    context: dict[str, Any] = {
        "page": rows,
        "rows": rows_of(integration, list(rows)),
        "q": search,
        "show": show,
    }
    return page(request, "integrations/people.html", integration, filters=filters, counts=found, **context)


@integration_view(Role.DEVELOPER, "GET")
def person(request: TenantRequest, integration: Integration, employee: int) -> HttpResponse:
    """One employee, mapped by hand with a search over the other side."""
    source = _employee(integration, employee, Employee.Side.SOURCE)
    search = request.GET.get("q", source.last_name)
    rows = page_of(request, free_targets(integration, search))
    return page(request, "integrations/person.html", integration, source=source, page=rows, q=search)


@integration_view(Role.DEVELOPER, "POST")
def link(request: TenantRequest, integration: Integration, employee: int) -> HttpResponse:
    source = _employee(integration, employee, Employee.Side.SOURCE)
    chosen = request.POST.get("target", "")
    target = _employee(integration, int(chosen) if chosen.isdecimal() else 0, Employee.Side.TARGET)
    is_suggestion = "suggestion" in request.POST
    people.link(
        integration=integration, source=source, target=target, is_suggestion=is_suggestion, by=request.user
    )
    messages.success(request, f"{source} is mapped to {target}.")
    return redirect("integrations:people", integration.pk)


@integration_view(Role.DEVELOPER, "POST")
def unlink(request: TenantRequest, integration: Integration, employee: int) -> HttpResponse:
    source = _employee(integration, employee, Employee.Side.SOURCE)
    people.unlink(integration=integration, source=source, by=request.user)
    messages.success(request, f"{source} is not mapped any more.")
    return redirect("integrations:people", integration.pk)


@integration_view(Role.DEVELOPER, "POST")
def confirm(request: TenantRequest, integration: Integration) -> HttpResponse:
    first = not integration.is_ready
    count = people.confirm_people(integration=integration, by=request.user)
    messages.success(request, f"{count:,} employees are confirmed.")
    return redirect("integrations:schedule" if first else "integrations:people", integration.pk)


@integration_view(Role.DEVELOPER, "POST")
def read_again(request: TenantRequest, integration: Integration) -> HttpResponse:
    people.start_reading(integration=integration, by=request.user)
    back = request.POST.get("back")
    return redirect("integrations:people" if back == "people" else "integrations:fields", integration.pk)


@integration_view(Role.DEVELOPER, "GET")
def reading_state(request: TenantRequest, integration: Integration) -> HttpResponse:
    """Polled while both sides are read; then the page is loaded again."""
    run = reading(integration)
    if run is None:
        return HttpResponse(headers={"HX-Refresh": "true"})
    return render(request, "integrations/_reading.html", {"integration": integration, "reading": run})


def _employee(integration: Integration, pk: int, side: str) -> Employee:
    found: Employee = get_object_or_404(integration.employees.filter(side=side).select_related("link"), pk=pk)
    return found
