"""`/account/`: a person's own names, address, password, sessions and data."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.decorators import login_not_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST, require_safe

from portal.tenancy import account, audit, browsers, export, links, people, proofs, sessions
from portal.tenancy.access import TenantRequest, tenant_view
from portal.tenancy.account_forms import ChangeEmailForm, ChangePasswordForm, NamesForm
from portal.tenancy.errors import LinkSpent, TenancyError
from portal.tenancy.federation.queries import is_federated
from portal.tenancy.models import Proof, Role, User
from portal.tenancy.proof_pages import dead, open_proof
from portal.tenancy.session_store import key_digest
from portal.web.errors import problem_page


@never_cache
@tenant_view(Role.VIEWER)
def overview(request: TenantRequest) -> HttpResponse:
    user = request.user
    form = NamesForm(
        request.POST or None, initial={"first_name": user.first_name, "last_name": user.last_name}
    )
    if form.is_valid():
        people.rename(person=user, **form.cleaned_data, by=user)
        messages.success(request, "Your name is saved.")
        return redirect("account")
    context = {
        "form": form,
        "sessions": browsers.sessions_of(user),
        "this_session": key_digest(request.session.session_key or ""),
        "is_federated": is_federated(request.tenant),
    }
    return render(request, "tenancy/account.html", context)


def _closed(request: TenantRequest) -> HttpResponse | None:
    """Address and password of a federated person are the provider's business."""
    if not is_federated(request.tenant):
        return None
    text = "Your company's sign-in keeps your address and your password. Change them there."
    return problem_page(request, 403, "This is kept elsewhere", text)


@sensitive_post_parameters("current", "password", "again")
@never_cache
@tenant_view(Role.VIEWER)
def password(request: TenantRequest) -> HttpResponse:
    if closed := _closed(request):
        return closed
    form = ChangePasswordForm(request.POST or None, user=request.user)
    if not form.is_valid():
        return render(request, "tenancy/account_password.html", {"form": form})
    account.change_password(
        user=request.user, password=form.cleaned_data["password"], keep_session=request.session.session_key
    )
    update_session_auth_hash(request, request.user)
    messages.success(request, "Your password is changed. You are signed out everywhere else.")
    return redirect("account")


@sensitive_post_parameters("current")
@never_cache
@tenant_view(Role.VIEWER)
def email(request: TenantRequest) -> HttpResponse:
    if closed := _closed(request):
        return closed
    form = ChangeEmailForm(request.POST or None, user=request.user)
    if not form.is_valid():
        return render(request, "tenancy/account_email.html", {"form": form})
    proofs.ask_email(user=request.user, address=form.cleaned_data["email"])
    messages.success(request, f"Open the link that was sent to {form.cleaned_data['email']}.")
    return redirect("account")


@never_cache
@login_not_required
@require_safe
def email_open(request: HttpRequest, token: str) -> HttpResponse:
    return open_proof(request, token, Proof.Purpose.EMAIL, "email-confirm")


@never_cache
@login_not_required
def email_confirm(request: HttpRequest) -> HttpResponse:
    digest = links.kept(request, Proof.Purpose.EMAIL)
    proof = proofs.find(digest, Proof.Purpose.EMAIL)
    if proof is None:
        return dead(request, Proof.Purpose.EMAIL)
    if request.method != "POST":
        return render(request, "tenancy/email_confirm.html", {"proof": proof})
    try:
        proofs.change_email(digest=digest, keep_session=request.session.session_key or "")
    except LinkSpent:
        return dead(request, Proof.Purpose.EMAIL)
    except TenancyError as error:
        return problem_page(request, 409, "This address cannot be used", str(error))
    links.forget(request, Proof.Purpose.EMAIL)
    response = render(request, "tenancy/email_done.html", {"proof": proof})
    sessions.remember_account(response, proof.tenant.slug)
    return response


@never_cache
@tenant_view(Role.VIEWER)
def end_session(request: TenantRequest, pk: str) -> HttpResponse:
    session = get_object_or_404(browsers.sessions_of(request.user), pk=pk)
    if request.method == "POST":
        browsers.end_one(user=request.user, pk=session.pk)
        messages.success(request, "That browser is signed out.")
    return redirect("account")


@never_cache
@tenant_view(Role.VIEWER)
@require_POST
def end_other_sessions(request: TenantRequest) -> HttpResponse:
    browsers.end_others(user=request.user, but=request.session.session_key)
    messages.success(request, "Every other browser is signed out.")
    return redirect("account")


@never_cache
@tenant_view(Role.VIEWER)
@require_POST
@transaction.atomic
def data(request: TenantRequest) -> HttpResponse:
    user: User = request.user
    audit.record("user.data_exported", target=user, by=user, tenant=request.tenant)
    response = JsonResponse(
        export.everything_about(user), json_dumps_params={"indent": 2, "ensure_ascii": False}
    )
    response["Content-Disposition"] = 'attachment; filename="my-data.json"'
    return response
