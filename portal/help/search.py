"""Finding topics. The catalog's search asks here too, so that one field finds both."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from django.urls import reverse

from portal.help.topics import Page, Topic, pages

_words = re.compile(r"[a-z0-9]+").findall
EMPTY = frozenset(
    "a an and are as at be by can do does for from how i in is it me my of on or the to what where".split()
)


@dataclass(frozen=True, slots=True)
class Found:
    """`score` is comparable with the catalog's: a title counts about as much as an operation's name."""

    score: float
    title: str
    page: str
    url: str


def find(question: str, limit: int = 20) -> list[Found]:
    """Topics that hold every word of the question, or words that begin like it; the best first."""
    asked = list(dict.fromkeys(_folded(question)))
    asked = [word for word in asked if word not in EMPTY] or asked
    if not asked:
        return []
    found = []
    for entry in _index(pages()):
        scores = [entry.score(word) for word in asked]
        if all(scores):
            found.append(Found(1.2 * sum(scores), entry.title, entry.page, entry.url))
    return sorted(found, key=lambda one: (-one.score, one.title))[:limit]


@dataclass(frozen=True, slots=True)
class _Entry:
    title: str
    page: str
    url: str
    weights: dict[str, float]

    def score(self, word: str) -> float:
        exact = self.weights.get(word, 0.0)
        if exact or len(word) < 3:
            return exact
        return max(
            (0.6 * weight for known, weight in self.weights.items() if known.startswith(word)), default=0.0
        )


@lru_cache(maxsize=2)
def _index(known: tuple[Page, ...]) -> list[_Entry]:
    return [_entry(page, topic) for page in known for topic in page.topics]


def _entry(page: Page, topic: Topic) -> _Entry:
    weights: dict[str, float] = {}
    for weight, text in ((2.0, topic.text), (5.0, page.title), (9.0, topic.find), (11.0, topic.title)):
        weights |= dict.fromkeys(_folded(text), weight)
    url = reverse("help:page", args=[page.name]) + f"#{topic.id}"
    return _Entry(topic.title, page.title, url, weights)


def _folded(text: str) -> list[str]:
    plain = unicodedata.normalize("NFKD", text.casefold()).encode("ascii", "ignore").decode()
    return [_stem(word) for word in _words(plain)]


def _stem(word: str) -> str:
    """One form for singular and plural."""
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word
