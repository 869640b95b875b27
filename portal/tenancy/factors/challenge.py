"""Signing in, second step: a person whose password was right proves another factor.

Between the two steps the session holds who it is, for ten minutes, and opens nothing.
"""

from __future__ import annotations

import time
from typing import Any

from django.contrib.auth import load_backend
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.crypto import constant_time_compare, get_random_string
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from portal.tenancy import sessions, throttle
from portal.tenancy.factors import passkeys
from portal.tenancy.factors.forms import CodeForm
from portal.tenancy.factors.queries import authenticator_of, passkeys_of
from portal.tenancy.factors.services import use_code, use_passkey
from portal.tenancy.models import User
from portal.tenancy.waiting import wait_page

ENTERING = "entering"
PATIENCE = 600  # seconds
BACKEND = "portal.tenancy.backend.TenantBackend"
WRONG_CODE = "That code did not work. Type the newest code of the app, or an unused recovery code."
WRONG_PASSKEY = "The passkey was not accepted. Try again, or use a code."


def begin(request: HttpRequest, user: User, *, destination: str, person: str, device: str) -> HttpResponse:
    """Keeps who proved their password, under a new session key, and asks for the other factor."""
    request.session.flush()
    request.session[ENTERING] = {
        "user": user.pk,
        "hash": user.get_session_auth_hash(),
        "at": int(time.time()),
        "destination": destination,
        "person": person,
        "device": device,
    }
    return redirect("factors:challenge")


def _person(request: HttpRequest) -> tuple[User, dict[str, Any]] | None:
    """Who is entering; nobody once time is over or the password or the person's standing has changed."""
    entering = request.session.get(ENTERING)
    if not entering or entering["at"] + PATIENCE < time.time():
        return None
    user = load_backend(BACKEND).get_user(entering["user"])
    if not isinstance(user, User) or not constant_time_compare(
        entering["hash"], user.get_session_auth_hash()
    ):
        return None
    return user, entering


@sensitive_post_parameters("code", "answer")
@never_cache
@login_not_required
def challenge(request: HttpRequest) -> HttpResponse:
    found = _person(request)
    if found is None:
        return redirect("signin")
    user, entering = found
    if request.method != "POST":
        return _ask(request, user, CodeForm())
    limits = throttle.factor_limits(user.pk)
    try:
        throttle.take(limits)
    except throttle.TooMany as refused:
        return wait_page(request, refused.wait)
    form = CodeForm(request.POST)
    factor = _proved(request, user, form)
    if not factor:
        return _ask(request, user, form)
    throttle.give_back(limits)
    return complete(
        request, user, factor=factor, **{key: entering[key] for key in ("destination", "person", "device")}
    )


def _proved(request: HttpRequest, user: User, form: CodeForm) -> str:
    """The factor that the posted form proves; nothing, and an error on the form, otherwise."""
    answer = request.POST.get("answer", "")
    if answer:
        form.fields["code"].required = False
        form.is_valid()
        try:
            passkey, counter = passkeys.take_known(request, passkeys_of(user), answer)
        except passkeys.NotProved:
            form.add_error(None, WRONG_PASSKEY)
            return ""
        if use_passkey(passkey, counter):
            return "passkey"
        form.add_error(None, WRONG_PASSKEY)
        return ""
    if not form.is_valid():
        return ""
    factor = use_code(user, form.cleaned_data["code"])
    if not factor:
        form.add_error("code", WRONG_CODE)
    return factor


def complete(
    request: HttpRequest, user: User, *, factor: str, destination: str, person: str, device: str
) -> HttpResponse:
    """Signed in. The browser is remembered as this person's."""
    sessions.sign_in(request, user, factor=factor)
    request.session.pop(ENTERING, None)
    response = redirect(destination)
    if person:
        sessions.remember_device(response, person, device or get_random_string(22))
    return response


def _ask(request: HttpRequest, user: User, form: CodeForm) -> HttpResponse:
    keys = passkeys_of(user)
    context = {
        "form": form,
        "has_app": authenticator_of(user) is not None,
        "options": passkeys.ask_for_known(request, keys) if keys else None,
        "person": user,
    }
    return render(request, "factors/challenge.html", context)
