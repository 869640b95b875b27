"""The HR systems. A new one is one module with a PROVIDER, named here."""

from __future__ import annotations

from integrations.connectors import bamboohr
from integrations.connectors.base import Connector, Provider

PLANNED = (
    Provider("workday", "Workday HCM", "Workers, absence types and absence balances."),
    Provider("adp", "ADP Workforce Now", "Workers, time-off policies and time-off balances."),
)
PROVIDERS = {one.slug: one for one in (bamboohr.PROVIDER, *PLANNED)}


def connect(provider: str, domain: str, key: str) -> Connector:
    """Raises KeyError for a provider that is not built."""
    found = PROVIDERS[provider].connect
    if found is None:
        raise KeyError(provider)
    return found(domain, key)
