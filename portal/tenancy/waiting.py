"""The page for somebody who has tried too often."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from portal.web.errors import too_many


def wait_page(request: HttpRequest, seconds: int) -> HttpResponse:
    minutes = -(-seconds // 60)
    return too_many(
        request,
        f"Wait {minutes} minute{'' if minutes == 1 else 's'}, then try to sign in again.",
        seconds,
        action_url=reverse("signin"),
        action_label="Back to sign-in",
    )
