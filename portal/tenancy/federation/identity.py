"""What a provider says about somebody, once its answer has been checked."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


class FederationError(Exception):
    """Base: `str(error)` is shown to whoever is signing in; `reason` goes to the log."""

    def __init__(self, text: str, reason: str = "") -> None:
        super().__init__(text)
        self.reason = reason or text


class ProviderAway(FederationError):
    """The provider did not answer in time, or not in its protocol."""


class AnswerRefused(FederationError):
    """The provider's answer cannot be trusted."""

    def __init__(self, reason: str) -> None:
        super().__init__("The answer of your company's sign-in could not be trusted. Try again.", reason)


@dataclass(frozen=True, slots=True)
class Identity:
    issuer: str
    subject: str  # stable for one person at this issuer
    email: str = ""  # lower case
    is_verified: bool = False  # the provider vouches that the address is theirs
    first_name: str = ""
    last_name: str = ""
    claims: dict[str, Any] = field(default_factory=dict)  # all that was received, for the test page


def plain_address(value: object) -> str:
    """An e-mail address as it is kept here, or nothing: look-alike letters never become plain ones."""
    text = value.strip() if isinstance(value, str) else ""
    return text.lower() if text.isascii() and text.count("@") == 1 and len(text) <= 254 else ""


def short(value: object) -> str:
    return value.strip()[:80] if isinstance(value, str) else ""
