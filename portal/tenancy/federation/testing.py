"""The admin's test: a real sign-in at the provider that signs nobody in, and shows what was received."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from portal.tenancy.federation.identity import AnswerRefused, Identity
from portal.tenancy.federation.models import IdentityProvider
from portal.tenancy.federation.services import ProviderRefused, note_test
from portal.tenancy.models import Role, User

RECEIVED = "federation_received"
MOST = 40


def arrived(
    request: HttpRequest, begun: dict[str, Any], provider: IdentityProvider, identity: Identity
) -> HttpResponse:
    user = request.user
    if not isinstance(user, User) or user.tenant_id != provider.tenant_id or not user.has_role(Role.ADMIN):
        raise AnswerRefused("the admin who began the test is not signed in any more")
    try:
        note_test(provider=provider, version=begun["version"], identity=identity, by=user)
    except ProviderRefused as error:
        messages.error(request, str(error))
    else:
        request.session[RECEIVED] = {"version": provider.version, "rows": _rows(identity)}
        messages.success(request, "The test worked. See below what the provider told about you.")
    return redirect("federation:settings")


def _rows(identity: Identity) -> list[list[str]]:
    vouched = "vouched for" if identity.is_verified else "NOT vouched for: it links nobody"
    known = [
        ["Issuer", identity.issuer],
        ["Subject", identity.subject],
        ["E-mail", f"{identity.email or 'none'} ({vouched})"],
        ["Name", f"{identity.first_name} {identity.last_name}".strip() or "none"],
    ]
    return known + [
        [str(name)[:120], str(value)[:200]] for name, value in list(identity.claims.items())[:MOST]
    ]


def received(request: HttpRequest, provider: IdentityProvider | None) -> list[list[str]]:
    """What the last test of the present settings showed, in this browser."""
    found = request.session.get(RECEIVED)
    return found["rows"] if found and provider and found["version"] == provider.version else []
