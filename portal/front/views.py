"""What everybody may see: the portal's front, its legal pages, its state."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.template import loader
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from portal.front import checks, legal, maintenance
from portal.front.queries import settings_row
from portal.tenancy.models import User
from portal.tenancy.views import home


@never_cache
@login_not_required
def front(request: HttpRequest) -> HttpResponseBase:
    """Home for people with an account, /operator/ for operators, what the portal is for everybody else."""
    user = request.user
    if not isinstance(user, User):
        return landing(request)
    return home(request) if user.tenant else redirect("admin:index")


@require_safe
def landing(request: HttpRequest) -> HttpResponse:
    row = settings_row()
    context = {"operator": row, "catalog_is_public": row.catalog_is_public, "portal_url": settings.PORTAL_URL}
    return render(request, "front/landing.html", context)


@require_safe
@login_not_required
def legal_page(request: HttpRequest, kind: str) -> HttpResponse:
    try:
        page = legal.page(kind)
    except ValueError:
        raise Http404 from None
    return render(request, "front/legal.html", {"page": page, "others": legal.KINDS})


@never_cache
@require_safe
@login_not_required
def status(request: HttpRequest) -> HttpResponse:
    """Answers also without a database: then in the plain frame, as nobody can be known."""
    context = {"status": checks.status(), "closed": maintenance.notice()}
    try:
        return render(request, "front/status.html", context)
    except DatabaseError:
        plain = context | {
            "layout": "base_open.html",
            "portal_name": legal.PORTAL,
            "catalog_is_public": False,
        }
        return HttpResponse(loader.render_to_string("front/status.html", plain))


@never_cache
@require_safe
@login_not_required
def status_json(request: HttpRequest) -> JsonResponse:
    """`{"status": "ok", "at": …, "checks": [{"name", "status", "words", "milliseconds"}]}`, always 200."""
    found = checks.status()
    lines = [
        {
            "name": line.name,
            "status": line.finding.state.name.lower(),
            "words": line.finding.words,
            "milliseconds": round(line.took, 1),
        }
        for line in found.lines
    ]
    return JsonResponse(
        {"status": found.worst.name.lower(), "at": found.at.isoformat(timespec="seconds"), "checks": lines}
    )
