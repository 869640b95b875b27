"""What a browser's session keeps while its person is away at the provider.

One entry a sign-in, found again only by its own random name (OIDC: `state`; SAML: the request's id), used
once, ten minutes long. It says which tenant and which version of whose settings it was for.
"""

from __future__ import annotations

import secrets
import time
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

from portal.tenancy.federation import oidc, saml
from portal.tenancy.federation.identity import AnswerRefused
from portal.tenancy.federation.models import IdentityProvider

FLOWS = "federation_flows"
LIFE = 600  # seconds
MOST = 5  # tabs of one browser
SIGNIN, TEST = "signin", "test"


def callback(slug: str) -> str:
    """Each tenant has an address of its own, so that answers of two providers cannot be mixed up."""
    return settings.PORTAL_URL + reverse("federation:callback", args=[slug])


def ourselves(slug: str) -> saml.Ourselves:
    return saml.Ourselves(
        entity_id=settings.PORTAL_URL + reverse("federation:metadata", args=[slug]),
        acs=settings.PORTAL_URL + reverse("federation:acs", args=[slug]),
    )


def start(request: HttpRequest, provider: IdentityProvider, *, purpose: str, destination: str = "") -> str:
    """Remembers a new flow and returns where the browser goes. Raises FederationError, Refused."""
    slug = provider.tenant.slug
    kept = {
        "provider": provider.pk,
        "version": provider.version,
        "purpose": purpose,
        "destination": destination,
        "at": int(time.time()),
    }
    if provider.kind == IdentityProvider.Kind.SAML:
        name = saml.new_request_id()
        url = saml.request_url(saml.Settings(**provider.settings), ourselves(slug), name)
    else:
        own = oidc.Settings(**provider.settings)
        name = secrets.token_urlsafe(32)
        kept |= {"state": name, "nonce": secrets.token_urlsafe(32), "verifier": secrets.token_urlsafe(48)}
        found = oidc.discover(own.discovery, oidc.Talk())
        if found.issuer != provider.issuer:
            raise AnswerRefused("the provider names another issuer than when it was set up")
        url = oidc.authorization_url(found, own, callback=callback(slug), flow=kept)
    flows = list(request.session.get(FLOWS, {}).items())[1 - MOST :]
    request.session[FLOWS] = dict([*flows, (name, kept)])
    return url


def take(request: HttpRequest, name: str, slug: str) -> tuple[dict[str, Any], IdentityProvider]:
    """The flow that an answer names, which it uses up, and its provider. Raises AnswerRefused."""
    flows = dict(request.session.get(FLOWS, {}))
    kept = flows.pop(name, None)
    if kept is None:
        raise AnswerRefused("this browser did not ask for the answer")
    request.session[FLOWS] = flows
    provider = IdentityProvider.objects.select_related("tenant").filter(pk=kept["provider"]).first()
    if provider is None or provider.tenant.slug != slug or not provider.tenant.is_active:
        raise AnswerRefused("the answer came to another account's address")
    if kept["at"] + LIFE < time.time():
        raise AnswerRefused("the sign-in took longer than ten minutes")
    if kept["purpose"] == SIGNIN and not provider.is_enabled:
        raise AnswerRefused("the provider is switched off")
    return kept, provider
