"""How texts and questions become words: the same way for both, or nothing is found."""

from __future__ import annotations

import re
from functools import lru_cache

_runs = re.compile(r"[^\W_]+").findall
_humps = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+|[^\W\dA-Za-z_]+").findall
LONGEST = 40


@lru_cache(maxsize=50_000)
def of_name(text: str) -> tuple[str, ...]:
    """employeeGroupIds: employeegroupid, employee, group, id. Each word once."""
    found: dict[str, None] = {}
    for run in _runs(text[:400]):
        parts = _humps(run)
        found[stem(run.casefold())] = None
        for part in parts if len(parts) > 1 else ():
            found[stem(part.casefold())] = None
    return tuple(found)


def of_text(text: str) -> set[str]:
    """The words of a sentence; names inside are taken apart too."""
    return {word for run in set(_runs(text)) for word in of_name(run) if len(word) > 1}


def of_question(text: str) -> list[str]:
    """As typed: a word is not taken apart unless it is written like a name."""
    found: dict[str, None] = {}
    for run in _runs(text[:100]):
        found[stem(run.casefold())] = None
    return list(found)[:8]


def stem(word: str) -> str:
    """One form for singular and plural."""
    word = word[:LONGEST]
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    return (
        word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")) else word
    )


def is_close(one: str, other: str, most: int) -> bool:
    """Whether at most `most` letters are missing, added, changed or swapped with a neighbour."""
    if abs(len(one) - len(other)) > most:
        return False
    older: list[int] = []
    old = list(range(len(other) + 1))
    for row, letter in enumerate(one, 1):
        new = [row]
        for column, against in enumerate(other, 1):
            cost = min(old[column] + 1, new[-1] + 1, old[column - 1] + (letter != against))
            is_swap = row > 1 and column > 1 and letter == other[column - 2] and one[row - 2] == against
            new.append(min(cost, older[column - 2] + 1) if is_swap else cost)
        if min(new) > most:
            return False
        older, old = old, new
    return old[-1] <= most
