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


class WrongCredentials(AppError):
    """An unknown client, a wrong secret, or an app out of use. `wait`: seconds until another try is heard."""

    def __init__(self, wait: int = 0) -> None:
        super().__init__("Unknown client, or wrong secret.")
        self.wait = wait
