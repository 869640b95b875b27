"""What can be wrong with what somebody keeps; each message is fit for its reader."""

from __future__ import annotations


class ConsoleError(Exception):
    """Base: `str(error)` may be shown."""


class TooMuch(ConsoleError):
    """The request or the number of requests is past what is kept."""


class NameTaken(ConsoleError):
    """The person has saved another request under this name."""


class LooksSecret(ConsoleError):
    """A value that may be a credential is not kept."""


class Malformed(ConsoleError):
    """Not the shape that the console sends."""
