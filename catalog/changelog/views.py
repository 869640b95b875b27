"""The changelog's pages, its feed, and the piece of it that other pages show."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from catalog.changelog import feed as feeds
from catalog.changelog.entries import entries
from catalog.views import frame, version_of
from portal.front.queries import catalog_is_public
from portal.tenancy.access import ReaderRequest, TenantRequest, reader_view, tenant_view
from portal.tenancy.models import Role, User

NEWS = 6  # of the newest, so that a fresh portal shows all it came with
NEWS_DAYS = 60


@require_safe
@reader_view(Role.VIEWER, is_open=catalog_is_public)
def changelog(request: ReaderRequest) -> HttpResponse:
    user = request.user
    feed_url = settings.PORTAL_URL + feeds.address(user) if request.tenant and isinstance(user, User) else ""
    context = {"entries": entries(request.tenant), "feed_url": feed_url}
    return render(request, "catalog/changelog.html", context)


@require_safe
@reader_view(Role.VIEWER, is_open=catalog_is_public)
def api_changelog(request: ReaderRequest, slug: str) -> HttpResponse:
    version = version_of(slug)
    context = frame(slug, version, here="changelog") | {"entries": entries(request.tenant, slug=slug)}
    return render(request, "catalog/api_changelog.html", context)


@require_safe
@tenant_view(Role.VIEWER)
def news(request: TenantRequest) -> HttpResponse:
    """A fragment for the home page: the newest APIs and versions."""
    since = timezone.now() - timedelta(days=NEWS_DAYS)
    found = [one for one in entries(request.tenant, most=NEWS) if one.published >= since]
    return render(request, "catalog/_news.html", {"entries": found})


@require_safe
@login_not_required
def feed(request: HttpRequest, token: str) -> HttpResponse:
    """The token is the sign-in. What the feed tells is the same for every tenant."""
    if feeds.reader_of(token) is None:
        raise Http404
    text = feeds.atom(entries(None), request.path)
    return HttpResponse(text, content_type="application/atom+xml; charset=utf-8")
