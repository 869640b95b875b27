"""Sign-in in two steps at one address: the account, then the person.

An unknown account goes on to the second step like a known one, and every wrong combination gets the same
sentence after the same work: nothing here tells which accounts or people exist.
"""

from __future__ import annotations

from django.contrib.auth import authenticate
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.crypto import get_random_string
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from portal.tenancy import sessions, throttle
from portal.tenancy.forms import AccountForm, PasswordForm
from portal.tenancy.models import User
from portal.tenancy.throttle import Attempt
from portal.web.address import client_address
from portal.web.errors import problem_page

WRONG = "That did not match. Check the account name, the e-mail and the password."


@sensitive_post_parameters("password")
@never_cache
@login_not_required
def signin(request: HttpRequest) -> HttpResponse:
    if getattr(request.user, "tenant", None):
        return redirect(_destination(request))
    if request.method == "POST":
        return _person_step(request) if "password" in request.POST else _account_step(request)
    account = sessions.remembered_account(request)
    if account and "change" not in request.GET:
        return _ask_person(request, PasswordForm(initial={"account": account}), account)
    return render(request, "tenancy/signin_account.html", {"form": AccountForm(initial={"account": account})})


@never_cache
@login_not_required
@require_POST
def signout(request: HttpRequest) -> HttpResponse:
    sessions.sign_out(request)
    return redirect("signin")


def _account_step(request: HttpRequest) -> HttpResponse:
    form = AccountForm(request.POST)
    if not form.is_valid():
        return render(request, "tenancy/signin_account.html", {"form": form})
    wanted = request.GET.get("next")
    response = redirect(reverse("signin") + (f"?{urlencode({'next': wanted})}" if wanted else ""))
    sessions.remember_account(response, form.cleaned_data["account"])
    return response


def _person_step(request: HttpRequest) -> HttpResponse:
    form = PasswordForm(request.POST)
    if not form.is_valid():
        return _ask_person(request, form, request.POST.get("account", ""))
    attempt = _attempt(request, form)
    try:
        throttle.count(attempt)
    except throttle.TooMany as refused:
        return _wait(request, refused.wait)
    user = authenticate(
        request, account=attempt.account, username=attempt.email, password=form.cleaned_data["password"]
    )
    if not isinstance(user, User):
        form.add_error(None, WRONG)
        return _ask_person(request, form, attempt.account)
    throttle.forgive(attempt)
    sessions.sign_in(request, user)
    response = redirect(_destination(request))
    sessions.remember_account(response, attempt.account)
    sessions.remember_device(response, attempt.person(), attempt.device or get_random_string(22))
    return response


def _attempt(request: HttpRequest, form: PasswordForm) -> Attempt:
    address = client_address(
        request.META.get("REMOTE_ADDR", ""), request.META.get("HTTP_X_FORWARDED_FOR", "")
    )
    typed = Attempt(form.cleaned_data["account"], form.cleaned_data["email"], address)
    return Attempt(typed.account, typed.email, address, sessions.known_device(request, typed.person()))


def _ask_person(request: HttpRequest, form: PasswordForm, account: str) -> HttpResponse:
    return render(request, "tenancy/signin_person.html", {"form": form, "account": account})


def _wait(request: HttpRequest, seconds: int) -> HttpResponse:
    minutes = -(-seconds // 60)
    response = problem_page(
        request,
        429,
        "Too many tries",
        f"Wait {minutes} minute{'' if minutes == 1 else 's'}, then try to sign in again.",
        action_url=reverse("signin"),
        action_label="Back to sign-in",
    )
    response["Retry-After"] = str(seconds)
    return response


def _destination(request: HttpRequest) -> str:
    """Where the person wanted to go, if that is a page of this portal; home otherwise."""
    wanted = request.GET.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wanted if is_ours else reverse("home")
