"""What can be wrong with a request about tenants; each message is fit for its reader."""
from __future__ import annotations


class TenancyError(Exception):
    """Base: `str(error)` may be shown."""


class NameRefused(TenancyError):
    """The account name cannot be used."""


class LastAdmin(TenancyError):
    """The change would leave a tenant without an active admin."""
