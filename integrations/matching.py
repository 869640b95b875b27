"""Who of one side is who of the other: by first name, last name and e-mail together, or not at all.

A match is taken only when exactly one person on each side fits, nobody on either side shares the address,
and neither has left. Everything weaker is at most a suggestion, with its reason.
"""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

# Signs that keyboards and systems write in several ways.
SIGNS = str.maketrans(
    {"’": "'", "‘": "'", "ʼ": "'", "`": "'", "´": "'", "‐": "-", "‑": "-", "–": "-", "−": "-"}
)
SAME_MAIL = "Same e-mail, other name"
SAME_NAME = "Same name, other e-mail"
SAME_NAME_NO_MAIL = "Same name; one of them has no e-mail"


class Somebody(Protocol):
    """As far as matching needs to know. `key` tells people of one side apart."""

    @property
    def key(self) -> str: ...
    @property
    def first(self) -> str: ...
    @property
    def last(self) -> str: ...
    @property
    def preferred(self) -> str: ...
    @property
    def email(self) -> str: ...
    @property
    def is_leaver(self) -> bool: ...


def fold(text: str) -> str:
    """One spelling for texts that mean the same: signs, compatibility forms, letter case, blanks.

    Letters that only look alike stay different, and so do accents: they tell people apart.
    """
    read = unicodedata.normalize("NFKC", text.translate(SIGNS))
    read = "".join(letter for letter in read if unicodedata.category(letter) != "Cf").translate(SIGNS)
    return unicodedata.normalize("NFKC", " ".join(read.casefold().split()))


def name_key(first: str, last: str) -> str:
    return f"{fold(first)} {fold(last)}".strip()


def names_of(person: Somebody) -> set[tuple[str, str]]:
    """The spellings somebody goes by: first and preferred name, each with the last name."""
    last = fold(person.last)
    firsts = {fold(person.first), fold(person.preferred)} - {""}
    return {(first, last) for first in firsts} if last else set()


@dataclass(frozen=True, slots=True)
class Matches:
    pairs: list[tuple[str, str]]  # keys: source, target
    shared_sources: set[str]
    shared_targets: set[str]


def match(sources: Iterable[Somebody], targets: Iterable[Somebody]) -> Matches:
    ours = [person for person in sources if not person.is_leaver]
    theirs = [person for person in targets if not person.is_leaver]
    by_mail_ours, by_mail_theirs = _by_mail(ours), _by_mail(theirs)
    pairs = []
    for mail, found in by_mail_ours.items():
        others = by_mail_theirs.get(mail, [])
        if len(found) == len(others) == 1 and names_of(found[0]) & names_of(others[0]):
            pairs.append((found[0].key, others[0].key))
    return Matches(pairs, _shared(by_mail_ours), _shared(by_mail_theirs))


def _by_mail(people: Iterable[Somebody]) -> dict[str, list[Somebody]]:
    found: dict[str, list[Somebody]] = defaultdict(list)
    for person in people:
        if mail := fold(person.email):
            found[mail].append(person)
    return found


def _shared(by_mail: dict[str, list[Somebody]]) -> set[str]:
    return {person.key for people in by_mail.values() if len(people) > 1 for person in people}
