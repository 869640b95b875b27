"""Error pages in the portal's own dress: what happened, what to do next, and a request id."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.template import loader

from portal.tenancy.models import User


def problem_page(request: HttpRequest, status: int, title: str, text: str, **more: Any) -> HttpResponse:
    """A page of its own for any status; inside the frame for people who are signed in."""
    framed = _has_frame(request)
    context = {
        "layout": "base_signed_in.html" if framed else "base_public.html",
        "portal_name": settings.PORTAL_NAME,
        "status": status,
        "phrase": HTTPStatus(status).phrase,
        "problem_title": title,
        "problem_text": text,
        "request_id": getattr(request, "request_id", ""),
    }
    page = loader.render_to_string("errors/problem.html", context | more, request if framed else None)
    return HttpResponse(page, status=status, headers={"Cache-Control": "no-store"})


def _has_frame(request: HttpRequest) -> bool:
    """Not for operators (they have no tenant), nor where the request never got as far as its session."""
    user = getattr(request, "user", None)
    return bool(user and user.is_authenticated and getattr(user, "tenant", None))


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return problem_page(
        request,
        400,
        "That request could not be read",
        "Something in the address or the form was malformed. Go back, reload the page and try again.",
    )


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    user = getattr(request, "user", None)
    role = f" You are signed in as {user.get_role_display().lower()}." if isinstance(user, User) else ""
    said = str(exception) if exception else "You may not open this page. Ask an admin of your account."
    return problem_page(request, 403, "Your role does not include this", said + role)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return problem_page(
        request,
        404,
        "There is nothing at this address",
        "It may have been deleted, or the address has a typing error.",
    )


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return problem_page(
        request,
        403,
        "This form is out of date",
        "Go back, reload the page and send the form again. "
        "If it keeps happening, allow cookies for this portal.",
    )


def server_error(request: HttpRequest) -> HttpResponse:
    """Reads neither session nor database: they may be what failed."""
    context = {
        "layout": "base_public.html",
        "portal_name": settings.PORTAL_NAME,
        "status": 500,
        "phrase": HTTPStatus(500).phrase,
        "problem_title": "Something went wrong on our side",
        "problem_text": "Nothing you did caused it. Try again in a minute; "
        "if it happens again, quote the request id to support.",
        "request_id": getattr(request, "request_id", ""),
    }
    page = loader.render_to_string("errors/problem.html", context)
    return HttpResponse(page, status=500, headers={"Cache-Control": "no-store"})
