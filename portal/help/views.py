"""The help centre: open to everybody, as whoever cannot sign in needs it most. Holds nothing of a tenant."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from portal.help import topics
from portal.help.rendering import Facts, html_of, topic_html
from portal.help.search import find
from portal.tenancy.models import Role, User

SUGGESTED = 3


@require_safe
@login_not_required
def home(request: HttpRequest) -> HttpResponse:
    question = request.GET.get("q", "").strip()[:100]
    context = {
        "pages": topics.pages(),
        "question": question,
        "found": find(question) if question else [],
        "start": START[_role(request)],
    }
    return render(request, "help/home.html", context)


@require_safe
@login_not_required
def page(request: HttpRequest, name: str) -> HttpResponse:
    found = topics.page(name)
    if found is None:
        raise Http404
    role, facts = _role(request), _facts(request)
    shown = [
        {"topic": one, "html": topic_html(one, facts), "needs": _missing(one.role, role)}
        for one in found.topics
    ]
    context = {
        "page": found,
        "pages": topics.pages(),
        "lead": facts.fill(html_of(found.lead)),
        "topics": shown,
    }
    return render(request, "help/page.html", context)


@require_safe
@login_not_required
def suggest(request: HttpRequest) -> HttpResponse:
    """A fragment for the support form: what may answer the question before it is sent."""
    found = find(request.GET.get("subject", "").strip()[:120], SUGGESTED)
    return render(request, "help/_suggested.html", {"found": found})


def _role(request: HttpRequest) -> Role | None:
    user = request.user
    return Role(user.role) if isinstance(user, User) and user.tenant else None


def _facts(request: HttpRequest) -> Facts:
    user = request.user
    return Facts(user.tenant.slug) if isinstance(user, User) and user.tenant else Facts()


def _missing(needed: Role | None, own: Role | None) -> str:
    """The name of the role that this reader lacks for a topic, or nothing."""
    if needed is None or own is None or own.rank >= needed.rank:
        return ""
    return str(needed.label).lower()


# Where a reader of each role begins: (address below /help/, words).
Start = tuple[str, list[tuple[str, str]]]
START: dict[Role | None, Start] = {
    Role.ADMIN: (
        "You are an admin: you let people in, and may do everything in your account.",
        [
            ("people/#invite", "Invite the people you work with"),
            ("apps/#create", "Create the first app"),
            ("integrations/#connect", "Connect your HR system"),
            ("people/#sign-in-methods", "Ask for a second factor, or use your company's sign-in"),
        ],
    ),
    Role.DEVELOPER: (
        "You are a developer: you make apps, call the APIs and set up integrations.",
        [
            ("getting-started/#first-call", "Make your first call"),
            ("catalog/#test-request", "Try an operation beside its documentation"),
            ("troubleshooting/#status-codes", "Understand an error"),
            ("usage/#request-log", "Find one call in the request log"),
        ],
    ),
    Role.VIEWER: (
        "You are a viewer: you see apps, the catalog and usage, and change nothing.",
        [
            ("usage/#read", "Read the usage pages"),
            ("catalog/#explore", "Find your way in the API catalog"),
            ("people/#roles", "See what the other roles may do"),
            ("faq/", "Questions and answers"),
        ],
    ),
    None: (
        "You need not be signed in to read this.",
        [
            ("getting-started/#invitation", "I was invited"),
            ("getting-started/#sign-in", "I want to sign in"),
            ("introduction/#overview", "What is this portal for?"),
            ("introduction/#requirements", "What do I need?"),
        ],
    ),
}
