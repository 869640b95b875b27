"""What can be wrong with a request about tenants; each message is fit for its reader."""

from __future__ import annotations


class TenancyError(Exception):
    """Base: `str(error)` may be shown."""


class NameRefused(TenancyError):
    """The account name cannot be used."""


class LastAdmin(TenancyError):
    """The change would leave a tenant without an active admin."""


class Overtaken(TenancyError):
    """Somebody else changed the same thing first, or took the asker's right to change it."""


class InviteRefused(TenancyError):
    """This address cannot be invited."""


class LinkSpent(TenancyError):
    """The link of a mail no longer works."""
