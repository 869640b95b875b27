"""What the portal asks of an HR system: four questions. Everything above a connector knows no provider.

Facts behind the shape: employees have text ids; a balance may be a number, absent or unlimited, or hidden
from the key's owner, and these three must never be taken for each other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import Enum
from typing import Any, Protocol


class ProviderError(Exception):
    """Base. The message says what happened and what to do; it is shown to people."""


class WrongDomain(ProviderError):
    """There is no such company, or something else than the HR system answers."""


class KeyRefused(ProviderError):
    """The key is not accepted. Nothing may be sent with it again before somebody has looked."""


class NoAccess(ProviderError):
    """The key works; its owner may not see this."""


class Throttled(ProviderError):
    """Asked to slow down; `wait` is for how many seconds."""

    def __init__(self, message: str, *, wait: float) -> None:
        super().__init__(message)
        self.wait = wait


class Unavailable(ProviderError):
    """Not reached, or broken on its side."""


class Unexpected(ProviderError):
    """Answered with something that does not fit its documentation."""


class Gone(ProviderError):
    """There is no such employee, for this key."""


@dataclass(frozen=True, slots=True)
class Company:
    name: str = ""


@dataclass(frozen=True, slots=True)
class TimeOffType:
    id: str
    name: str
    unit: str  # models.Unit


@dataclass(frozen=True, slots=True)
class Types:
    types: list[TimeOffType]
    hours_per_day: Decimal


@dataclass(frozen=True, slots=True)
class Person:
    id: str
    first: str
    last: str
    preferred: str
    email: str
    is_leaver: bool = False

    @property
    def key(self) -> str:
        return self.id


class Kind(Enum):
    VALUE = "value"
    NONE = "none"  # the type has no balance for this person: unlimited, or not theirs
    HIDDEN = "hidden"  # there may be one, but it was not given or cannot be read


@dataclass(frozen=True, slots=True)
class Balance:
    """`raw` and `raw_unit` are the provider's own words; `amount` is only there for a VALUE."""

    type_id: str
    kind: Kind
    amount: Decimal | None = None
    unit: str = ""
    as_of: date | None = None
    raw: str = ""
    raw_unit: str = ""
    note: str = ""


class Connector(Protocol):
    """One company of one provider. Every method may raise a ProviderError; all may be called from threads."""

    def probe(self) -> Company:
        """One request, never repeated: are domain and key right, and may the key see time off?"""

    def types(self) -> Types: ...

    def people(self) -> Iterator[Person]:
        """Everybody, leavers included where the provider tells of them; raises when the list is not whole."""

    def balances(self, person_id: str) -> list[Balance]:
        """As of the company's today. A type that is not in the list is not this person's."""

    def close(self) -> None:
        """Lets waiting calls of other threads end at once."""


@dataclass(frozen=True, slots=True)
class Provider:
    """What the pages know of a provider. `connect` is None for one that is only planned."""

    slug: str
    name: str
    brings: str
    connect: Callable[[str, str], Connector] | None = None  # company domain, key
    read_domain: Callable[[str], str] = field(default=str)  # raises ValueError with words for the person
    domain_help: str = ""
    key_help: str = ""

    @property
    def is_built(self) -> bool:
        return self.connect is not None


JSON = Any
