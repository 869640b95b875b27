"""What can be refused, in words for the person who asked."""

from __future__ import annotations


class IntegrationError(Exception):
    """Base; the message says what to do."""


class SyncUnderWay(IntegrationError):
    def __init__(self) -> None:
        super().__init__(
            "A sync is running. Wait until it has ended, then save again: it works with what was set up."
        )


class NotReady(IntegrationError):
    """The set-up is not finished, the integration is disabled, or its key was refused."""


class AlreadyConnected(IntegrationError):
    """The tenant has an integration with this company."""
