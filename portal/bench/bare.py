"""The yardstick: one Django view, no middleware, no database, a two-kilobyte JSON answer."""

from __future__ import annotations

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path

if not settings.configured:
    settings.configure(
        SECRET_KEY="bench",  # noqa: S106
        ALLOWED_HOSTS=["*"],
        ROOT_URLCONF=__name__,
        MIDDLEWARE=[],
        DATABASES={},
        LOGGING_CONFIG=None,
    )

ANSWER = {"employees": [{"id": str(number), "firstName": "Ana", "lastName": "Ruiz"} for number in range(40)]}


def view(request: HttpRequest) -> HttpResponse:
    answer = JsonResponse(ANSWER)
    answer["Content-Length"] = len(answer.content)  # middleware would set it; the load generator needs it
    return answer


urlpatterns = [path("bare/", view)]
application = get_wsgi_application()
