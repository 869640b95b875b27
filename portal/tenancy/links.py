"""Links in mails: 256 random bits, stored only as SHA-256, kept out of addresses after the first click.

Opening a link shows a page and uses nothing up (mail scanners open links too): the token's digest moves
into the session and the browser to a clean address. Only the form there acts.
"""

from __future__ import annotations

import hashlib
import re
import secrets

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from portal.tenancy import limits
from portal.tenancy.audit import origin
from portal.web.errors import problem_page

HOUR = 3600
WRONG_LINKS = 20  # unknown links one address may open in an hour
_token = re.compile(r"[A-Za-z0-9_-]{43}\Z")


def new_token() -> str:
    return secrets.token_urlsafe(32)


def digest_of(token: str) -> str:
    """Empty for what cannot be a token."""
    return hashlib.sha256(token.encode()).hexdigest() if _token.match(token) else ""


def address_of(name: str, token: str) -> str:
    """The link as it stands in a mail; the host is the configured one, whatever a request claims."""
    return settings.PORTAL_URL + reverse(name, args=[token])


def keep(request: HttpRequest, kind: str, token: str) -> None:
    request.session[f"link:{kind}"] = digest_of(token)


def kept(request: HttpRequest, kind: str) -> str:
    return str(request.session.get(f"link:{kind}", ""))


def forget(request: HttpRequest, kind: str) -> None:
    request.session.pop(f"link:{kind}", None)


def count_guess(kind: str) -> None:
    """Counts a link that nothing belongs to."""
    limits.spend(f"link:{kind}", origin.get().address, most=WRONG_LINKS, seconds=HOUR)


def must_wait(kind: str) -> bool:
    return limits.is_spent(f"link:{kind}", origin.get().address, most=WRONG_LINKS, seconds=HOUR)


def too_many(request: HttpRequest) -> HttpResponse:
    text = "Too much was tried from here. Wait an hour, then try again."
    response = problem_page(request, 429, "Too many tries", text)
    response["Retry-After"] = str(HOUR)
    return response
