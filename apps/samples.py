"""The first two calls of a new app, ready to paste into a terminal."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.conf import settings


@dataclass(frozen=True, slots=True)
class CurlPair:
    """`token` leaves the token in the shell's variable TOKEN, where `call` finds it."""

    token: str = field(repr=False)
    call: str


def curl_pair(client_id: str, secret: str) -> CurlPair:
    base = settings.PORTAL_URL
    return CurlPair(
        token=(
            f"TOKEN=$(curl -s -u '{client_id}:{secret}' -d grant_type=client_credentials \\\n"
            f'  {base}/oauth2/token | sed -E \'s/.*"access_token": ?"([^"]+)".*/\\1/\')'
        ),
        call=(
            f"curl -s -X POST {base}/sandbox/workforce/v1/search/employees \\\n"
            '  -H "Authorization: Bearer $TOKEN" -H "Content-Type: application/json" \\\n'
            "  -d '{\"maxResults\": 3}'"
        ),
    )
