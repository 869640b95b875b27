"""The links in mails to people who have an account: verify the address, choose a new password."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_safe

from portal.tenancy import limits, links, proofs, sessions
from portal.tenancy.account_forms import NewPasswordForm, ResetForm
from portal.tenancy.audit import origin
from portal.tenancy.errors import LinkSpent
from portal.tenancy.models import Proof, User
from portal.tenancy.names import fold
from portal.web.errors import problem_page

Purpose = Proof.Purpose
ASKED_FROM = 20  # mails one client address may ask for in an hour
ASKED_FOR = 5  # and for one person; more are dropped without a word


def open_proof(request: HttpRequest, token: str, purpose: Proof.Purpose, clean: str) -> HttpResponse:
    """Moves the token out of the address. A link that nothing belongs to counts as a guess."""
    if links.must_wait(purpose):
        return links.too_many(request)
    if proofs.find(links.digest_of(token), purpose) is None:
        links.count_guess(purpose)
        return dead(request, purpose)
    links.keep(request, purpose, token)
    return redirect(clean)


def dead(request: HttpRequest, purpose: Proof.Purpose) -> HttpResponse:
    where, label = {
        Purpose.VERIFY: (reverse("signin"), "Sign in"),
        Purpose.RESET: (reverse("reset"), "Ask for a new link"),
        Purpose.EMAIL: (reverse("home"), "Go to the portal"),
    }[purpose]
    then = {
        Purpose.VERIFY: "If your address is verified already, sign in; if not, signing in offers a new link.",
        Purpose.RESET: "Ask for a new one; only the newest mail counts.",
        Purpose.EMAIL: "Look at your account: if the old address is still there, ask again.",
    }[purpose]
    title = "This link no longer works"
    return problem_page(request, 410, title, f"{proofs.SPENT} {then}", action_url=where, action_label=label)


# ---------------------------------------------------------------- verify


@never_cache
@login_not_required
@require_safe
def verify_open(request: HttpRequest, token: str) -> HttpResponse:
    return open_proof(request, token, Purpose.VERIFY, "verify-now")


@never_cache
@login_not_required
def verify(request: HttpRequest) -> HttpResponse:
    digest = links.kept(request, Purpose.VERIFY)
    proof = proofs.find(digest, Purpose.VERIFY)
    if proof is None:
        return dead(request, Purpose.VERIFY)
    if request.method != "POST":
        return render(request, "tenancy/verify.html", {"proof": proof, "account": proof.tenant})
    try:
        user = proofs.verify(digest)
    except LinkSpent:
        return dead(request, Purpose.VERIFY)
    links.forget(request, Purpose.VERIFY)
    response = render(request, "tenancy/verify_done.html", {"account": user.tenant})
    sessions.remember_account(response, proof.tenant.slug)
    return response


def unverified(request: HttpRequest, user: User) -> HttpResponse:
    """For somebody who knows the password but has not proved the address: the mail again."""
    is_sent = limits.spend("verify-for", str(user.pk), most=ASKED_FOR, seconds=links.HOUR)
    if is_sent:
        with transaction.atomic():
            proofs.send_verification(user)
    return render(request, "tenancy/unverified.html", {"email": user.email, "is_sent": is_sent})


# ---------------------------------------------------------------- new password


@never_cache
@login_not_required
def reset(request: HttpRequest) -> HttpResponse:
    """The same page, after about the same work, whether or not anybody was found."""
    form = ResetForm(request.POST or None, initial={"account": sessions.remembered_account(request)})
    if not form.is_valid():
        return render(request, "tenancy/reset.html", {"form": form})
    if not limits.spend("reset-from", origin.get().address, most=ASKED_FROM, seconds=links.HOUR):
        return links.too_many(request)
    account, email = form.cleaned_data["account"], form.cleaned_data["email"].lower()
    if limits.spend("reset-for", f"{fold(account)}\0{email}", most=ASKED_FOR, seconds=links.HOUR):
        proofs.ask_reset(account=account, email=email)
    return render(request, "tenancy/reset_asked.html", {"email": email})


@never_cache
@login_not_required
@require_safe
def reset_open(request: HttpRequest, token: str) -> HttpResponse:
    return open_proof(request, token, Purpose.RESET, "reset-new")


@sensitive_post_parameters("password", "again")
@never_cache
@login_not_required
def reset_new(request: HttpRequest) -> HttpResponse:
    digest = links.kept(request, Purpose.RESET)
    proof = proofs.find(digest, Purpose.RESET)
    if proof is None:
        return dead(request, Purpose.RESET)
    form = NewPasswordForm(request.POST or None, user=proof.user)
    if not form.is_valid():
        return render(request, "tenancy/reset_new.html", {"form": form, "proof": proof})
    try:
        user: User = proofs.reset(digest=digest, password=form.cleaned_data["password"])
    except LinkSpent:
        return dead(request, Purpose.RESET)
    links.forget(request, Purpose.RESET)
    response = render(request, "tenancy/reset_done.html", {"account": user.tenant})
    sessions.remember_account(response, proof.tenant.slug)
    return response
