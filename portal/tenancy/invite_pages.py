"""From the link in an invitation to an account: `/invite/…`."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_safe

from portal.tenancy import invitations, links, sessions
from portal.tenancy.account_forms import RegisterForm
from portal.tenancy.errors import LinkSpent
from portal.tenancy.federation.queries import is_federated
from portal.tenancy.models import Invitation, User
from portal.web.errors import problem_page

ASK = "Ask an admin of your account to send the invitation again."
DEAD = {
    "unknown": (
        404,
        "This invitation link is not complete",
        "A part of it is missing or changed. "
        "Open the link in the mail again, or copy the whole address. " + ASK,
    ),
    "expired": (410, "This invitation has expired", "Invitations live seven days. " + ASK),
    "accepted": (
        410,
        "This invitation was used",
        "An account was made with it. Sign in, or choose a new password if you do not know it.",
    ),
    "replaced": (
        410,
        "A newer invitation was sent",
        "Only the link in the newest mail works. Look for it in your mailbox.",
    ),
    "deleted": (410, "This invitation was withdrawn", "An admin of the account deleted it. " + ASK),
}


@never_cache
@login_not_required
@require_safe
def open_link(request: HttpRequest, token: str) -> HttpResponse:
    """Uses nothing up: mail scanners open links too."""
    if links.must_wait("invite"):
        return links.too_many(request)
    if invitations.status_of(links.digest_of(token))[0] == "unknown":
        links.count_guess("invite")
        return _dead(request, "unknown")
    links.keep(request, "invite", token)
    return redirect("register")


@sensitive_post_parameters("password", "again")
@never_cache
@login_not_required
def register(request: HttpRequest) -> HttpResponse:
    digest = links.kept(request, "invite")
    status, invitation = invitations.status_of(digest)
    if invitation is None or status != "live":
        return _dead(request, status)
    if is_federated(invitation.tenant):
        return _to_provider(invitation)
    person = User(tenant=invitation.tenant, email=invitation.email)
    form = RegisterForm(request.POST or None, user=person, initial={"account": invitation.tenant.name})
    if not form.is_valid():
        return render(request, "tenancy/register.html", {"form": form, "invitation": invitation})
    names = {
        field: form.cleaned_data[field] for field in ("first_name", "last_name", "occupation", "password")
    }
    try:
        made = invitations.accept(digest=digest, **names)
    except LinkSpent:
        return _dead(request, invitations.status_of(digest)[0])
    links.forget(request, "invite")
    response = render(request, "tenancy/register_done.html", {"person": made, "account": invitation.tenant})
    sessions.remember_account(response, invitation.tenant.slug)
    return response


def _to_provider(invitation: Invitation) -> HttpResponse:
    response = redirect("signin")
    sessions.remember_account(response, invitation.tenant.slug)
    return response


def _dead(request: HttpRequest, status: str) -> HttpResponse:
    code, title, text = DEAD[status]
    return problem_page(request, code, title, text, action_url=reverse("signin"), action_label="Sign in")
