"""The pages under /account/security/: what a person signs in with."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse, HttpResponseNotAllowed
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from portal.crypto import WrongKey, seal, unseal
from portal.tenancy import sessions
from portal.tenancy.access import TenantRequest, tenant_view
from portal.tenancy.factors import passkeys, services, totp
from portal.tenancy.factors.challenge import begin
from portal.tenancy.factors.forms import AuthenticatorForm, PasskeyForm
from portal.tenancy.factors.models import Passkey
from portal.tenancy.factors.queries import authenticator_of, codes_left, has_factor, passkeys_of
from portal.tenancy.factors.services import FactorError
from portal.tenancy.federation.queries import is_federated
from portal.tenancy.models import Role, User

PATIENCE = 900  # seconds that a new secret waits for its first code


@never_cache
@tenant_view(Role.VIEWER, before_factor=True)
def security(request: TenantRequest) -> HttpResponse:
    context = {
        "authenticator": authenticator_of(request.user),
        "passkeys": passkeys_of(request.user),
        "codes_left": codes_left(request.user),
        "has_factor": has_factor(request.user),
        "is_federated": is_federated(request.tenant),
        "is_first_step": sessions.lacks_factor(request),
    }
    return render(request, "factors/security.html", context)


@never_cache
@tenant_view(Role.VIEWER, before_factor=True)
def required(request: TenantRequest) -> HttpResponse:
    """Where the door sends a session without a factor: to prove one, or to set the first one up."""
    if not sessions.lacks_factor(request):
        return redirect("home")
    if has_factor(request.user):
        # The session began before the rule: it goes on once the factor is proved.
        return begin(request, request.user, destination=reverse("home"), person="", device="")
    return redirect("factors:security")


def _may_change(request: TenantRequest) -> bool:
    """Only a session that is itself proved by a factor changes factors, or one of a person without any."""
    return sessions.FACTOR in request.session or not has_factor(request.user)


def _done(request: TenantRequest, factor: str, message: str) -> HttpResponse:
    """After the first factor come the recovery codes."""
    sessions.step_up(request, factor)
    messages.success(request, message)
    if codes_left(request.user):
        return redirect("factors:security")
    return _show_codes(request)


@sensitive_post_parameters("sealed", "code")
@never_cache
@tenant_view(Role.VIEWER, before_factor=True)
def authenticator(request: TenantRequest) -> HttpResponse:
    if not _may_change(request):
        return _ask_again(request)
    form = AuthenticatorForm(request.POST or None)
    if not form.is_valid():
        return _app_page(request, AuthenticatorForm(initial={"sealed": _fresh(request)}), None)
    try:
        owner, secret = unseal(form.cleaned_data["sealed"], seconds=PATIENCE).split(" ", 1)
    except WrongKey:
        owner, secret = "", ""
    if owner != str(request.user.pk):
        messages.error(request, "That took too long. Here is a new code to scan.")
        return redirect("factors:authenticator")
    try:
        services.add_authenticator(
            secret=secret, code=form.cleaned_data["code"].replace(" ", ""), by=request.user
        )
    except FactorError as error:
        form.add_error("code", str(error))
        return _app_page(request, form, secret)
    return _done(request, "totp", "Your authenticator app is set up.")


def _fresh(request: TenantRequest) -> str:
    return seal(f"{request.user.pk} {totp.new_secret()}")


def _app_page(request: TenantRequest, form: AuthenticatorForm, secret: str | None) -> HttpResponse:
    secret = secret or unseal(form.initial["sealed"]).split(" ", 1)[1]
    link = totp.address(secret, account=request.tenant.name, email=request.user.email)
    return render(
        request, "factors/authenticator.html", {"form": form, "picture": totp.picture(link), "secret": secret}
    )


@never_cache
@tenant_view(Role.VIEWER, before_factor=True)
def passkey_add(request: TenantRequest) -> HttpResponse:
    if not _may_change(request):
        return _ask_again(request)
    form = PasskeyForm(request.POST or None)
    if form.is_valid():
        try:
            data = passkeys.take_new(request, form.cleaned_data["answer"])
            services.add_passkey(data=data, name=form.cleaned_data["name"], by=request.user)
        except passkeys.NotProved:
            form.add_error(None, "The browser did not make a passkey. Try again, or use another browser.")
        except FactorError as error:
            form.add_error(None, str(error))
        else:
            return _done(request, "passkey", "The passkey is registered.")
    options = passkeys.ask_for_new(request, request.user, passkeys_of(request.user))
    return render(request, "factors/passkey_add.html", {"form": form, "options": options})


@never_cache
@tenant_view(Role.VIEWER, before_factor=True)
def passkey_remove(request: TenantRequest, pk: int) -> HttpResponse:
    passkey = get_object_or_404(Passkey.objects.of(request.tenant), pk=pk, user=request.user)
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    if not _may_change(request):
        return _ask_again(request)
    try:
        services.remove_passkey(passkey=passkey, by=request.user)
    except FactorError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, f"The passkey {passkey.name} is removed.")
    return redirect("factors:security")


@never_cache
@require_POST
@tenant_view(Role.VIEWER, before_factor=True)
def authenticator_remove(request: TenantRequest) -> HttpResponse:
    if not _may_change(request):
        return _ask_again(request)
    try:
        services.remove_authenticator(by=request.user)
    except FactorError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, "The authenticator app is removed.")
    return redirect("factors:security")


@never_cache
@require_POST
@tenant_view(Role.VIEWER, before_factor=True)
def codes(request: TenantRequest) -> HttpResponse:
    if not has_factor(request.user):
        return redirect("factors:security")
    return _show_codes(request) if _may_change(request) else _ask_again(request)


@never_cache
@tenant_view(Role.ADMIN)
def reset(request: TenantRequest, pk: int) -> HttpResponse:
    """For somebody who has lost every factor; their password stays theirs alone."""
    person = get_object_or_404(User, tenant=request.tenant, pk=pk)
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    services.reset_factors(person=person, by=request.user)
    messages.success(request, f"{person} signs in with the password alone until a new factor is set up.")
    return redirect("tenancy:person", pk)


def _show_codes(request: TenantRequest) -> HttpResponse:
    made = services.make_recovery_codes(by=request.user)
    return render(request, "factors/codes.html", {"codes": made, "text": "\n".join(made)})


def _ask_again(request: TenantRequest) -> HttpResponse:
    messages.error(request, "Sign in again with your second factor, then change it.")
    return redirect("factors:security")
