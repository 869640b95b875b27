"""The search page; its list alone when the dialog asks while somebody types."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from catalog import addresses
from catalog.queries import published
from catalog.search.index import Hit, index_of
from portal.front.queries import catalog_is_public
from portal.help.search import find as find_help
from portal.tenancy.access import ReaderRequest, reader_view
from portal.tenancy.models import Role

IN_DIALOG, ON_PAGE = 12, 50


@dataclass(frozen=True, slots=True)
class Found:
    hit: Hit
    api: str  # empty for a topic of the help
    url: str


def find(question: str, *, limit: int, slug: str = "") -> list[Found]:
    """The best of all published APIs and of the help, or of one API."""
    found = []
    for api in published().filter(slug=slug) if slug else published():
        if api.current_id is None or api.current is None:
            continue
        for hit in index_of(api.current_id, api.current.digest).search(question, limit):
            found.append(Found(hit, api.current.title, addresses.of_target(api.slug, hit.target)))
    if not slug:
        found += [
            Found(Hit(one.score, "help", one.title, one.page, ""), "", one.url) for one in find_help(question)
        ]
    return sorted(found, key=lambda one: -one.hit.score)[:limit]


@require_safe
@vary_on_headers("HX-Target")
@reader_view(Role.VIEWER, is_open=catalog_is_public)
def search(request: ReaderRequest) -> HttpResponse:
    question = request.GET.get("q", "").strip()[:100]
    is_dialog = request.headers.get("HX-Target") == "search-results"
    slug = request.GET.get("api", "")[:60]
    found = find(question, limit=IN_DIALOG if is_dialog else ON_PAGE, slug=slug) if question else []
    context = {"question": question, "found": found, "slug": slug, "is_dialog": is_dialog}
    return render(request, "catalog/_results.html" if is_dialog else "catalog/search.html", context)
