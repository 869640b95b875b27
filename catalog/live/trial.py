"""Does a live address answer? Asked once when it is saved, so that a typing error shows at once."""

from __future__ import annotations

import httpcore2 as httpcore

from catalog.access.models import Upstream
from catalog.live import tokens
from portal import fetch
from portal.addresses import CONNECT
from portal.connections import ask, deadline
from portal.turn import waiting

PATIENCE = 5.0  # seconds


def tried(upstream: Upstream) -> str:
    """One sentence for the person who saved it. Never raises for what the other side does."""
    try:
        with waiting(), deadline(PATIENCE):
            timeouts = {"connect": CONNECT, "read": PATIENCE, "write": PATIENCE, "pool": 1.0}
            request = httpcore.Request(
                "GET",
                upstream.address + "/",
                headers=[("Host", fetch.target(upstream.address).host_header), *_signed(upstream)],
                extensions={"timeout": timeouts},
            )
            response = ask(request)
            response.close()
    except (fetch.FetchError, tokens.SignInFailed) as error:
        return str(error)
    except (httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError, OSError, ValueError):
        return "It could not be reached just now: check the address, then try a call."
    if response.status in (401, 403):
        return f"It answers, but with {response.status}: check how the portal signs in there."
    return f"It answers (status {response.status})."


def _signed(upstream: Upstream) -> list[tuple[str, str]]:
    return list(tokens.credentials(upstream).items())
