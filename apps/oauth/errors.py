"""OAuth errors in the shapes of RFC 6749; descriptions are ASCII without quotes and backslashes."""

# mypy: allow-untyped-calls
from __future__ import annotations

from oauthlib.oauth2.rfc6749.errors import InvalidClientError, OAuth2Error

CHALLENGE = 'Basic realm="oauth2", charset="UTF-8"'


class ClientRefused(InvalidClientError):
    """One answer for an unknown client, a wrong secret and an app out of use."""

    description = "Unknown client, or wrong secret."

    @property
    def headers(self) -> dict[str, str]:
        # RFC 6749 section 5.2; oauthlib would ask for a Bearer token here.
        return {"WWW-Authenticate": CHALLENGE}


class TooManyWrongSecrets(OAuth2Error):
    error = "slow_down"  # type: ignore[assignment]
    status_code = 429
    description = "Too many wrong secrets for this client. Wait before the next attempt."

    def __init__(self, seconds: int) -> None:
        super().__init__()
        self.seconds = seconds

    @property
    def headers(self) -> dict[str, str]:
        return {"Retry-After": str(self.seconds)}
