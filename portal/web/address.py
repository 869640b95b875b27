"""Which machine a request came from."""

from __future__ import annotations

import ipaddress

from django.conf import settings


def client_address(remote: str, forwarded: str = "") -> str | None:
    """The client's address in plain form, or None when the server does not know it.

    `X-Forwarded-For` (`forwarded`) counts only as far as settings.TRUSTED_PROXIES says how many proxies
    of our own each add one entry at its right end; anybody can write the rest of that header.
    """
    proxies: int = getattr(settings, "TRUSTED_PROXIES", 0)
    hops = [*(hop.strip() for hop in forwarded.split(",") if hop.strip()), remote]
    named = hops[max(0, len(hops) - 1 - proxies)]
    try:
        return str(ipaddress.ip_address(named.split("%")[0]))
    except ValueError:
        return None
