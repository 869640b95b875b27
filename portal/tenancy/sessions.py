"""Signing in and out, and what a browser remembers about it."""

from __future__ import annotations

from urllib.parse import quote, unquote

from django.conf import settings
from django.contrib.auth import login, logout
from django.core import signing
from django.db import transaction
from django.http import HttpRequest, HttpResponse

from portal.tenancy import audit
from portal.tenancy.models import User

YEAR = 365 * 24 * 3600
LONGEST_ACCOUNT = 60
_prefix = "__Host-" if settings.SESSION_COOKIE_SECURE else ""
ACCOUNT_COOKIE = f"{_prefix}account"
DEVICE_COOKIE = f"{_prefix}device"
_devices = signing.TimestampSigner(salt="portal.tenancy.device")


FACTOR = "second_factor"  # in the session: what this sign-in was proved with besides the password


@transaction.atomic
def sign_in(request: HttpRequest, user: User, *, factor: str = "") -> None:
    """Under a new session key. `factor` is "totp", "passkey", "recovery" or "provider"."""
    login(request, user)
    if factor:
        request.session[FACTOR] = factor
    audit.record("user.signed_in", target=user, by=user, tenant=user.tenant)


def step_up(request: HttpRequest, factor: str) -> None:
    """This session has proved a second factor from now on, under a new key."""
    request.session.cycle_key()
    request.session[FACTOR] = factor


def lacks_factor(request: HttpRequest) -> bool:
    """Whether the account asks for a second factor that this session has not proved."""
    tenant = getattr(request.user, "tenant", None)
    return bool(tenant and tenant.requires_second_factor and FACTOR not in request.session)


@transaction.atomic
def sign_out(request: HttpRequest) -> None:
    user = request.user
    if isinstance(user, User):
        audit.record("user.signed_out", target=user, by=user, tenant=user.tenant)
    logout(request)


def remembered_account(request: HttpRequest) -> str:
    """The account name last typed in this browser, or nothing."""
    return unquote(request.COOKIES.get(ACCOUNT_COOKIE, ""))[:LONGEST_ACCOUNT].strip()


def remember_account(response: HttpResponse, account: str) -> None:
    _keep(response, ACCOUNT_COOKIE, quote(account, safe=""))


def known_device(request: HttpRequest, person: str) -> str:
    """A name for this browser if `person` has signed in from it within a year, else nothing."""
    try:
        text = _devices.unsign(request.COOKIES.get(DEVICE_COOKIE, ""), max_age=YEAR)
    except signing.BadSignature:
        return ""
    owner, _, device = text.partition(".")
    return device if owner == person else ""


def remember_device(response: HttpResponse, person: str, device: str) -> None:
    _keep(response, DEVICE_COOKIE, _devices.sign(f"{person}.{device}"))


def _keep(response: HttpResponse, name: str, value: str) -> None:
    response.set_cookie(
        name, value, max_age=YEAR, httponly=True, samesite="Lax", secure=settings.SESSION_COOKIE_SECURE
    )
