"""WebAuthn as a second factor: what the browser is asked, and whether its answer is right.

A challenge lives in the session, answers one try, and is bound to this portal's address as the browser
sees it. Attestation is neither asked for nor looked at: any device a person trusts will do.
"""

from __future__ import annotations

import json
from typing import Any

from django.http import HttpRequest
from fido2.server import Fido2Server
from fido2.utils import websafe_encode
from fido2.webauthn import (
    AttestedCredentialData,
    AuthenticationResponse,
    AuthenticatorData,
    PublicKeyCredentialRpEntity,
    PublicKeyCredentialUserEntity,
    UserVerificationRequirement,
)

from portal.tenancy.factors.models import Passkey
from portal.tenancy.models import User

CHALLENGE = "passkey_challenge"
LONGEST_ANSWER = 20_000
PREFERRED = UserVerificationRequirement.PREFERRED


class NotProved(Exception):
    """The browser's answer does not prove the passkey."""


def _server(request: HttpRequest) -> Fido2Server:
    host = request.get_host()
    origin = f"{request.scheme}://{host}"
    party = PublicKeyCredentialRpEntity(id=_name(host), name="Workforce Developer Portal")
    return Fido2Server(party, attestation=None, verify_origin=lambda given: given == origin)


def ask_for_new(request: HttpRequest, user: User, known: list[Passkey]) -> dict[str, Any]:
    """What `navigator.credentials.create` gets, as JSON."""
    person = PublicKeyCredentialUserEntity(
        id=f"user-{user.pk}".encode(), name=user.email, display_name=user.full_name or user.email
    )
    options, state = _server(request).register_begin(
        person, [_data(passkey) for passkey in known], user_verification=PREFERRED
    )
    request.session[CHALLENGE] = _plain(state)
    return _plain(options)


def take_new(request: HttpRequest, answer: str) -> AttestedCredentialData:
    """The new credential. Raises NotProved."""
    state = request.session.pop(CHALLENGE, None)
    try:
        data = _server(request).register_complete(state, _parsed(answer)).credential_data
    except Exception:  # the library has no base error, and everything in the answer is the browser's
        raise NotProved from None
    if data is None or len(data.credential_id) > 1023:
        raise NotProved
    return data


def ask_for_known(request: HttpRequest, known: list[Passkey]) -> dict[str, Any]:
    """What `navigator.credentials.get` gets, as JSON."""
    options, state = _server(request).authenticate_begin(
        [_data(passkey) for passkey in known], user_verification=PREFERRED
    )
    request.session[CHALLENGE] = _plain(state)
    return _plain(options)


def take_known(request: HttpRequest, known: list[Passkey], answer: str) -> tuple[Passkey, int]:
    """The passkey that signed, and its signature counter now. Raises NotProved."""
    state = request.session.pop(CHALLENGE, None)
    by_id = {passkey.credential_id: passkey for passkey in known}
    try:
        response = AuthenticationResponse.from_dict(_parsed(answer))
        used = _server(request).authenticate_complete(state, [_data(key) for key in known], response)
    except Exception:
        raise NotProved from None
    authenticator: AuthenticatorData = response.response.authenticator_data
    return by_id[encoded_id(used)], authenticator.counter


def encoded_id(data: AttestedCredentialData) -> str:
    return websafe_encode(data.credential_id)


def _name(host: str) -> str:
    """`localhost` of `localhost:8000`."""
    return host if host.endswith("]") else host.rsplit(":", 1)[0]


def _data(passkey: Passkey) -> AttestedCredentialData:
    return AttestedCredentialData(bytes(passkey.credential))


def _parsed(answer: str) -> dict[str, Any]:
    if len(answer) > LONGEST_ANSWER:
        raise NotProved
    parsed = json.loads(answer)
    if not isinstance(parsed, dict):
        raise NotProved
    return parsed


def _plain(value: Any) -> dict[str, Any]:
    """fido2's mappings and enums as plain JSON."""
    plain: dict[str, Any] = json.loads(json.dumps(value, default=lambda item: dict(item)))
    return plain
