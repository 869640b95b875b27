"""What oauthlib asks the portal: the toolkit's answers, cut down to apps that act for themselves."""

# mypy: allow-untyped-calls
from __future__ import annotations

from typing import Any

from django.utils import timezone
from oauth2_provider.models import AccessToken
from oauth2_provider.oauth2_validators import OAuth2Validator
from oauthlib.oauth2.rfc6749.errors import InvalidScopeError

from apps import services, tokens
from apps.oauth import clients
from apps.oauth.credentials import read_credentials
from apps.oauth.errors import ClientRefused, TooManyWrongSecrets
from apps.oauth.slowdown import seconds_to_wait
from apps.secrets import is_well_formed


class Validator(OAuth2Validator):
    """One SELECT and one INSERT a token; no session, no refresh token, no user."""

    def client_authentication_required(self, request: Any, *args: Any, **kwargs: Any) -> bool:
        return True

    def authenticate_client(self, request: Any, *args: Any, **kwargs: Any) -> bool:
        """Raises what the client should read instead of returning False."""
        given = read_credentials(request.headers.get("Authorization"), dict(request.decoded_body or []))
        request.client = clients.authenticate(given.client_id, given.secret)
        if request.client is None:
            wait = seconds_to_wait(given.client_id)
            raise TooManyWrongSecrets(wait) if wait else ClientRefused
        request.client_id = given.client_id
        return True

    def authenticate_client_id(self, client_id: str, request: Any, *args: Any, **kwargs: Any) -> bool:
        return False

    def validate_grant_type(
        self, client_id: str, grant_type: str, client: Any, request: Any, *args: Any, **kwargs: Any
    ) -> bool:
        return grant_type == "client_credentials"

    def get_default_scopes(self, client_id: str, request: Any, *args: Any, **kwargs: Any) -> list[str]:
        return sorted(request.client.scopes)

    def validate_scopes(
        self, client_id: str, scopes: list[str], client: Any, request: Any, *args: Any, **kwargs: Any
    ) -> bool:
        asked = set(scopes)
        if not asked <= client.scopes:
            raise InvalidScopeError("The app may not ask for one of these scopes, or it does not exist.")
        request.scopes = sorted(asked)
        return True

    def save_bearer_token(self, token: dict[str, Any], request: Any, *args: Any, **kwargs: Any) -> None:
        client = request.client
        kept = tokens.keep(
            token["access_token"],
            app_id=client.app_id,
            epoch=client.epoch,
            scope=token["scope"],
            seconds=token["expires_in"],
        )
        if not kept:
            raise ClientRefused  # the credentials were replaced while we looked

    def revoke_token(
        self, token: str, token_type_hint: str | None, request: Any, *args: Any, **kwargs: Any
    ) -> None:
        if is_well_formed(token, "token"):
            services.revoke_token(app_id=request.client.app_id, token=token)

    def introspect_token(
        self, token: str, token_type_hint: str | None, request: Any, *args: Any, **kwargs: Any
    ) -> dict[str, Any] | None:
        """RFC 7662 for the client's own living tokens; None for all others."""
        if not is_well_formed(token, "token"):
            return None
        found = AccessToken.objects.filter(
            token_checksum=tokens.checksum(token),
            application_id=request.client.app_id,
            expires__gt=timezone.now(),
        ).first()
        return (
            None
            if found is None
            else {
                "scope": found.scope,
                "client_id": request.client_id,
                "token_type": "Bearer",
                "exp": int(found.expires.timestamp()),
                "iat": int(found.created.timestamp()),
            }
        )
