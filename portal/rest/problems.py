"""Every refusal as an RFC 9457 problem document."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from rest_framework.exceptions import APIException, NotFound, ValidationError
from rest_framework.response import Response
from rest_framework.views import exception_handler

TYPE = "application/problem+json"


def as_problem(error: Exception, context: dict[str, Any]) -> Response | None:
    """For REST_FRAMEWORK's EXCEPTION_HANDLER. What is no refusal goes on as the fault it is."""
    answer = exception_handler(error, context)
    if answer is None:
        return None
    request_id = getattr(context["request"]._request, "request_id", "")
    errors = error.get_full_details() if isinstance(error, ValidationError) else None
    answer.data = _problem(answer.status_code, _detail(error), request_id, errors)
    answer.content_type = TYPE
    return answer


def _detail(error: Exception) -> str:
    if isinstance(error, ValidationError):
        return "Some values cannot be taken; `errors` says which."
    if isinstance(error, Http404 | NotFound):
        return "There is nothing at this address."
    return str(error.detail) if isinstance(error, APIException) else ""


def _problem(status: int, detail: str, request_id: str, errors: Any = None) -> dict[str, Any]:
    document: dict[str, Any] = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status}
    if detail:
        document["detail"] = detail
    if errors is not None:
        document["errors"] = errors
    return document | {"requestId": request_id}


@csrf_exempt
@login_not_required
def nothing_here(request: HttpRequest, rest: str = "") -> JsonResponse:
    """Answers addresses under /api/v1/ that no room has taken."""
    document = _problem(404, "There is nothing at this address.", getattr(request, "request_id", ""))
    return JsonResponse(document, status=404, content_type=TYPE)
