"""Signing in at a tenant's provider: out, and back."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable
from dataclasses import asdict
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_POST

from portal.fetch import Refused
from portal.tenancy import sessions
from portal.tenancy.federation import flow, linking, oidc, saml, testing
from portal.tenancy.federation.identity import AnswerRefused, FederationError, Identity, ProviderAway
from portal.tenancy.federation.keep import forget, keep, kept
from portal.tenancy.federation.models import IdentityProvider
from portal.tenancy.federation.queries import provider_of
from portal.tenancy.queries import tenant_named
from portal.tenancy.signin import destination
from portal.web.errors import problem_page

log = logging.getLogger(__name__)
HANDLE_LIFE = 120  # seconds between a SAML answer and the redirect after it
View = Callable[..., HttpResponse]


def told(view: View) -> View:
    """Turns what goes wrong with a provider into one page; the reason goes to the log."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except (FederationError, Refused) as error:
            log.warning("federated_signin_refused reason=%s", getattr(error, "reason", error))
            return _trouble(request, error)

    return guarded


def _trouble(request: HttpRequest, error: Exception) -> HttpResponse:
    status, title = 403, "You could not be signed in"
    if isinstance(error, ProviderAway | Refused):
        status, title = 502, "No answer from your company's sign-in"
    back = reverse("signin") + "?change=1"
    return problem_page(request, status, title, str(error), action_url=back, action_label="Back to sign-in")


@never_cache
@login_not_required
@require_GET
@told
def start(request: HttpRequest) -> HttpResponse:
    """From the account remembered in this browser to its provider."""
    provider = provider_of(tenant_named(sessions.remembered_account(request)))
    if provider is None:
        return redirect("signin")
    return redirect(flow.start(request, provider, purpose=flow.SIGNIN, destination=destination(request)))


@never_cache
@login_not_required
@require_GET
@told
def callback(request: HttpRequest, slug: str) -> HttpResponse:
    """Where an OpenID provider sends the browser back to."""
    if any(len(values) != 1 for _, values in request.GET.lists()):
        raise AnswerRefused("a parameter came twice")
    begun, provider = flow.take(request, request.GET.get("state", ""), slug)
    if provider.kind != IdentityProvider.Kind.OIDC:
        raise AnswerRefused("the account does not use OpenID Connect")
    own, talk = oidc.Settings(**provider.settings), oidc.Talk()
    found = oidc.discover(own.discovery, talk)
    _check_issuer(request, provider, found)
    if "error" in request.GET:
        raise FederationError(
            "Your company's sign-in did not let you in. Try again, or ask your IT department.",
            f"the provider answered {request.GET['error'][:60]!r}",
        )
    identity = oidc.identity(
        found, own, code=request.GET.get("code", ""), callback=flow.callback(slug), flow=begun, talk=talk
    )
    return _arrived(request, begun, provider, identity)


def _check_issuer(request: HttpRequest, provider: IdentityProvider, found: oidc.Provider) -> None:
    named = request.GET.get("iss")
    if found.issuer != provider.issuer or (named is None and found.names_itself):
        raise AnswerRefused("the answer does not name its issuer")
    if named is not None and named != provider.issuer:
        raise AnswerRefused("the answer is of another issuer")


@never_cache
@login_not_required
@require_GET
def metadata(request: HttpRequest, slug: str) -> HttpResponse:
    """Our side for a SAML provider. Made from the address alone: it tells nothing about accounts."""
    text = saml.our_metadata(flow.ourselves(slug))
    disposition = {"Content-Disposition": f'attachment; filename="{slug}-metadata.xml"'}
    return HttpResponse(text, content_type="application/samlmetadata+xml", headers=disposition)


@csrf_exempt  # another site posts here by design; the browser's own session decides in `finish`
@sensitive_post_parameters("SAMLResponse")
@never_cache
@login_not_required
@require_POST
@told
def acs(request: HttpRequest, slug: str) -> HttpResponse:
    """Where a SAML provider posts its answer, without our cookies: it is verified here, and used after a
    redirect that brings them."""
    provider = IdentityProvider.objects.select_related("tenant").filter(tenant__slug=slug).first()
    if provider is None or provider.kind != IdentityProvider.Kind.SAML:
        raise AnswerRefused("the account does not use SAML")
    own = saml.Settings(**provider.settings)
    proof = saml.verified(request.POST.get("SAMLResponse", ""), own, flow.ourselves(slug))
    if not keep(f"seen:{provider.pk}:{proof.assertion_id}", 1, 3600, only_new=True):
        raise AnswerRefused("the assertion was used before")
    handle = secrets.token_urlsafe(32)
    if not keep(f"answer:{handle}", {"slug": slug, "proof": asdict(proof)}, HANDLE_LIFE):
        raise ProviderAway(
            "Sign-in is not available at the moment. Try again in a minute.", "the cache is away"
        )
    return redirect(reverse("federation:finish") + f"?{urlencode({'answer': handle})}")


@never_cache
@login_not_required
@require_GET
@told
def finish(request: HttpRequest) -> HttpResponse:
    """The verified SAML answer meets the browser that asked for it."""
    name = f"answer:{request.GET.get('answer', '')[:100]}"
    answer = kept(name)
    if not isinstance(answer, dict):
        raise AnswerRefused("the answer is unknown, or was used")
    forget(name)
    begun, provider = flow.take(request, answer["proof"]["request_id"], answer["slug"])
    return _arrived(request, begun, provider, Identity(**answer["proof"]["identity"]))


def _arrived(
    request: HttpRequest, begun: dict[str, Any], provider: IdentityProvider, identity: Identity
) -> HttpResponse:
    if begun["purpose"] == flow.TEST:
        return testing.arrived(request, begun, provider, identity)
    user = linking.person_of(provider.tenant, identity)
    if getattr(request.user, "pk", None) not in (None, user.pk):
        sessions.sign_out(request)
    user.backend = "portal.tenancy.backend.TenantBackend"
    sessions.sign_in(request, user, factor="provider")
    return redirect(begun["destination"] or reverse("home"))
