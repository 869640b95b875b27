"""Error pages in the portal's own dress: what happened, what to do next, and a request id."""

from __future__ import annotations

import sys
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.template import loader
from django.urls import reverse
from django.utils.http import urlencode
from redis.exceptions import RedisError

from portal.tenancy.models import User
from portal.valkey import Away

TOO_LARGE = (RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent)
PASSING = (OperationalError, InterfaceError, RedisError, Away)  # a server of ours is away for now
AGAIN = 20  # seconds


def problem_page(request: HttpRequest, status: int, title: str, text: str, **more: Any) -> HttpResponse:
    """A page of its own for any status; inside the frame for people who are signed in."""
    framed = _has_frame(request)
    context = _facts(request, status, title, text) | {
        "layout": "base_signed_in.html" if framed else "base_public.html",
        "is_framed": framed,
        "ways": _ways(request, status, framed),
    }
    page = loader.render_to_string("errors/problem.html", context | more, request if framed else None)
    return HttpResponse(page, status=status, headers={"Cache-Control": "no-store"})


def plain_problem(request: HttpRequest, status: int, title: str, text: str, **more: Any) -> HttpResponse:
    """Reads neither session nor database: they may be what failed."""
    context = _facts(request, status, title, text) | {
        "layout": "base_public.html",
        "ways": _ways(request, status, is_framed=False),
    }
    page = loader.render_to_string("errors/problem.html", context | more)
    return HttpResponse(page, status=status, headers={"Cache-Control": "no-store"})


def _facts(request: HttpRequest, status: int, title: str, text: str) -> dict[str, Any]:
    return {
        "portal_name": settings.PORTAL_NAME,
        "status": status,
        "phrase": HTTPStatus(status).phrase,
        "problem_title": title,
        "problem_text": text,
        "request_id": getattr(request, "request_id", ""),
    }


def _ways(request: HttpRequest, status: int, is_framed: bool) -> list[tuple[str, str]]:
    """(address, words) of where to go on, besides home."""
    if status == 403:
        return [(reverse("help:page", args=["people"]) + "#roles", "What each role may do")]
    if status < 500:
        return [(reverse("help:home"), "Help centre")]
    ways = [(reverse("status"), "Status of the portal")]
    if is_framed:
        query = urlencode({"request": getattr(request, "request_id", "")})
        ways.append((f"{reverse('support:contact')}?{query}", "Tell support"))
    return ways


def _has_frame(request: HttpRequest) -> bool:
    """Not for operators (they have no tenant), nor where the request never got as far as its session."""
    user = getattr(request, "user", None)
    return bool(user and user.is_authenticated and getattr(user, "tenant", None))


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    if isinstance(exception, TOO_LARGE):
        return too_large(request)
    return problem_page(
        request,
        400,
        "That request could not be read",
        "Something in the address or the form was malformed. Go back, reload the page and try again.",
    )


def too_large(request: HttpRequest) -> HttpResponse:
    largest = settings.DATA_UPLOAD_MAX_MEMORY_SIZE / 1024 / 1024
    return plain_problem(
        request,
        413,
        "That was more than a form may carry",
        f"A form takes up to {largest:.1f} MB. Go back, shorten it or send it in parts; nothing was saved.",
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
        has_search=True,
    )


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return problem_page(
        request,
        403,
        "This form is out of date",
        "Go back, reload the page and send the form again. "
        "If it keeps happening, allow cookies for this portal.",
        ways=[(reverse("help:home"), "Help centre")],
    )


def too_many(request: HttpRequest, text: str, seconds: int, **more: Any) -> HttpResponse:
    response = problem_page(request, 429, "Too many tries", text, **more)
    response["Retry-After"] = str(seconds)
    return response


def server_error(request: HttpRequest) -> HttpResponse:
    if isinstance(sys.exc_info()[1], PASSING):
        return unavailable(request)
    return plain_problem(
        request,
        500,
        "Something went wrong on our side",
        "Nothing you did caused it. Try again in a minute; "
        "if it happens again, quote the request id to support.",
    )


def unavailable(request: HttpRequest) -> HttpResponse:
    response = plain_problem(
        request,
        503,
        "The portal cannot answer right now",
        "A server it needs does not respond. Nothing of yours is lost; try again in a moment.",
    )
    response["Retry-After"] = str(AGAIN)
    return response
