"""The pages of apps. A secret leaves in the answer that made it and nowhere else."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_GET, require_http_methods

from apps import services
from apps.errors import CredentialsChanged, NameTaken
from apps.forms import AppForm, EpochForm
from apps.models import App
from apps.queries import apps_of
from apps.samples import curl_pair
from portal.tenancy.access import TenantRequest, tenant_view
from portal.tenancy.models import Role
from portal.web.errors import problem_page
from portal.web.listing import ordered, page_of

COLUMNS: dict[str, tuple[str, ...]] = {
    "name": ("folded_name",),
    "created": ("created",),
    "updated": ("updated",),
}


@require_GET
@tenant_view(Role.VIEWER)
def app_list(request: TenantRequest) -> HttpResponse:
    search = request.GET.get("q", "").replace("\0", "")
    rows, sort = ordered(request, apps_of(request.tenant, search=search), COLUMNS, "name")
    may_change = request.user.has_role(Role.DEVELOPER)
    context = {"page": page_of(request, rows), "q": search, "sort": sort, "may_change": may_change}
    return render(request, "apps/list.html", context)


@never_cache
@require_http_methods(["GET", "POST"])
@tenant_view(Role.DEVELOPER)
def app_create(request: TenantRequest) -> HttpResponse:
    form = AppForm(request.POST or None)
    if form.is_valid():
        try:
            return _issued_page(request, services.create_app(**form.cleaned_data, by=request.user))
        except NameTaken as error:
            form.add_error("name", str(error))
    return render(request, "apps/create.html", {"form": form})


@never_cache
@require_http_methods(["GET", "POST"])
@tenant_view(Role.DEVELOPER)
def app_edit(request: TenantRequest, public_id: str) -> HttpResponse:
    app = _app(request, public_id)
    form = AppForm(request.POST or None, initial={"name": app.name, "description": app.description})
    if form.is_valid():
        try:
            services.update_app(app=app, **form.cleaned_data, by=request.user)
        except NameTaken as error:
            form.add_error("name", str(error))
        else:
            messages.success(request, f"“{app.name}” is saved.")
            return redirect("apps:list")
    return render(request, "apps/edit.html", {"form": form, "app": _app(request, public_id)})


@never_cache
@require_http_methods(["GET", "POST"])
@tenant_view(Role.DEVELOPER)
def app_regenerate(request: TenantRequest, public_id: str) -> HttpResponse:
    app = _app(request, public_id)
    if app.console_of_id:
        raise Http404  # it has none, and needs none
    if request.method != "POST":
        form = EpochForm(initial={"epoch": app.credential_epoch})
        return render(request, "apps/regenerate.html", {"app": app, "form": form})
    form = EpochForm(request.POST)
    try:
        if not form.is_valid():
            raise CredentialsChanged
        issued = services.regenerate(app=app, epoch=form.cleaned_data["epoch"], by=request.user)
    except CredentialsChanged:
        return _changed_page(request, app)
    return _issued_page(request, issued)


@never_cache
@require_http_methods(["GET", "POST"])
@tenant_view(Role.DEVELOPER)
def app_delete(request: TenantRequest, public_id: str) -> HttpResponse:
    app = _app(request, public_id)
    if request.method != "POST":
        return render(request, "apps/delete.html", {"app": app})
    try:
        services.delete_app(app=app, by=request.user)
    except CredentialsChanged:
        return _changed_page(request, app)
    messages.success(request, f"“{app.name}” is deleted. Its credentials and tokens no longer work.")
    return redirect("apps:list")


def _app(request: TenantRequest, public_id: str) -> App:
    app: App = get_object_or_404(App.objects.of(request.tenant).living(), public_id=public_id)
    return app


@sensitive_variables("issued", "curl", "context")
def _issued_page(request: TenantRequest, issued: services.Issued) -> HttpResponse:
    curl = curl_pair(issued.client_id, issued.secret)
    context = {"app": issued.app, "issued": issued, "curl": curl}
    return render(request, "apps/issued.html", context)


def _changed_page(request: TenantRequest, app: App) -> HttpResponse:
    return problem_page(
        request,
        409,
        "The credentials have changed meanwhile",
        f"Somebody issued new ones for “{app.name}” or deleted it after you opened the page, perhaps in "
        "another tab or with a double click. Nothing was done now. Open the app again to see how it stands.",
    )
