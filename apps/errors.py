"""What can be wrong with a change to an app; each message is fit for its reader."""

from __future__ import annotations


class AppError(Exception):
    """Base: `str(error)` may be shown."""


class NameTaken(AppError):
    """A living app of the tenant has the name already."""


class CredentialsChanged(AppError):
    """The credentials are no longer the ones that the person saw."""


class ScopeTaken(AppError):
    """Another API publishes a scope of this name."""


class ScopeRefused(AppError):
    """A token was to allow more than its app may."""
