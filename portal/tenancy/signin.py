"""Sign-in in steps: the account; then the person, or the account's own provider; then a second factor.

An unknown account goes on to the second step like a known one, and every wrong combination gets the same
sentence after the same work: nothing here tells which accounts or people exist. That an account signs in
at its own provider is no secret: whoever types its name is led there.
"""

from __future__ import annotations

from django.contrib import admin
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
from portal.tenancy.factors.challenge import begin, complete
from portal.tenancy.factors.queries import has_factor
from portal.tenancy.federation.queries import is_federated
from portal.tenancy.forms import AccountForm, PasswordForm
from portal.tenancy.models import Standing, User
from portal.tenancy.proof_pages import unverified
from portal.tenancy.queries import tenant_named
from portal.tenancy.throttle import Attempt
from portal.tenancy.waiting import wait_page
from portal.web.address import client_address

WRONG = "That did not match. Check the account name, the e-mail and the password."


@sensitive_post_parameters("password")
@never_cache
@login_not_required
def signin(request: HttpRequest) -> HttpResponse:
    if getattr(request.user, "tenant", None):
        return redirect(destination(request))
    if request.method == "POST":
        return _person_step(request) if "password" in request.POST else _account_step(request)
    account = sessions.remembered_account(request)
    if not account or "change" in request.GET:
        form = AccountForm(initial={"account": account})
        return render(request, "tenancy/signin_account.html", {"form": form})
    if is_federated(tenant_named(account)):
        return _to_provider(request, account)
    return _ask_person(request, PasswordForm(initial={"account": account}), account)


@never_cache
@login_not_required
@require_POST
def signout(request: HttpRequest) -> HttpResponse:
    was_federated = is_federated(getattr(request.user, "tenant", None))
    sessions.sign_out(request)
    # Else the provider, where the person is still signed in, would send them straight back in.
    return redirect(reverse("signin") + ("?change=1&out=1" if was_federated else ""))


def _account_step(request: HttpRequest) -> HttpResponse:
    form = AccountForm(request.POST)
    if not form.is_valid():
        return render(request, "tenancy/signin_account.html", {"form": form})
    response = redirect(reverse("signin") + _next_query(request))
    sessions.remember_account(response, form.cleaned_data["account"])
    return response


def _next_query(request: HttpRequest) -> str:
    wanted = request.GET.get("next")
    return f"?{urlencode({'next': wanted})}" if wanted else ""


def _to_provider(request: HttpRequest, account: str) -> HttpResponse:
    """A page that goes on by itself: a redirect out of a form's answer is against our own CSP."""
    onward = reverse("federation:start") + _next_query(request)
    return render(request, "tenancy/signin_provider.html", {"account": account, "onward": onward})


def _person_step(request: HttpRequest) -> HttpResponse:
    form = PasswordForm(request.POST)
    if not form.is_valid():
        return _ask_person(request, form, request.POST.get("account", ""))
    attempt = _attempt(request, form.cleaned_data["account"], form.cleaned_data["email"])
    try:
        throttle.count(attempt)
    except throttle.TooMany as refused:
        return wait_page(request, refused.wait)
    user = authenticate(
        request, account=attempt.account, username=attempt.email, password=form.cleaned_data["password"]
    )
    if not isinstance(user, User):
        form.add_error(None, WRONG)
        return _ask_person(request, form, attempt.account)
    throttle.forgive(attempt)
    response = _enter(request, user, attempt)
    sessions.remember_account(response, attempt.account)
    return response


def _enter(request: HttpRequest, user: User, attempt: Attempt) -> HttpResponse:
    """After a right password: in, or on to the second factor; but first the address is proved."""
    if user.standing == Standing.PENDING:
        return unverified(request, user)
    person, onward = attempt.person(), destination(request)
    if has_factor(user):
        return begin(request, user, destination=onward, person=person, device=attempt.device)
    return complete(request, user, factor="", destination=onward, person=person, device=attempt.device)


def _attempt(request: HttpRequest, account: str, email: str) -> Attempt:
    address = client_address(
        request.META.get("REMOTE_ADDR", ""), request.META.get("HTTP_X_FORWARDED_FOR", "")
    )
    typed = Attempt(account, email, address)
    return Attempt(account, email, address, sessions.known_device(request, typed.person()))


def _ask_person(request: HttpRequest, form: PasswordForm, account: str) -> HttpResponse:
    return render(request, "tenancy/signin_person.html", {"form": form, "account": account})


def destination(request: HttpRequest) -> str:
    """Where the person wanted to go, if that is a page of this portal; home otherwise."""
    wanted = request.GET.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wanted if is_ours else reverse("home")


@sensitive_post_parameters("password")
@never_cache
@login_not_required
def operator_signin(request: HttpRequest) -> HttpResponse:
    """Django's own page for operators, with the same limits on guessing."""
    if request.method != "POST":
        return admin.site.login(request)
    attempt = _attempt(request, "", request.POST.get("username", "")[:254])
    try:
        throttle.count(attempt)
    except throttle.TooMany as refused:
        return wait_page(request, refused.wait)
    response = admin.site.login(request)
    if request.user.is_authenticated:
        throttle.forgive(attempt)
        sessions.remember_device(response, attempt.person(), attempt.device or get_random_string(22))
    return response
