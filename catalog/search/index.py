"""One version's index in memory, and the questions it answers."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from catalog.models import ApiVersion
from catalog.openapi.packing import unpack
from catalog.search import words

KINDS = {
    "operation": 1.6,
    "guide": 1.3,
    "model": 1.25,
    "parameter": 1.0,
    "field": 0.9,
    "error": 0.95,
    "value": 0.85,
}
MOST_BEGINNINGS = 40  # words that begin like the one asked for
MOST_CLOSE = 12


@dataclass(frozen=True, slots=True)
class Hit:
    score: float
    kind: str
    title: str
    detail: str
    target: str


class Index:
    """Read once per process and version: a version never changes."""

    def __init__(self, stored: dict[str, Any]) -> None:
        self.entries: list[list[str]] = stored["entries"]
        self.postings: dict[str, list[int]] = stored["postings"]
        self.vocabulary = sorted(self.postings)
        self._by_pair: dict[str, list[str]] | None = None

    def search(self, question: str, limit: int) -> list[Hit]:
        asked = words.of_question(question)
        if not asked:
            return []
        scores = self._score(asked[0])
        for word in asked[1:]:
            more = self._score(word)
            scores = {number: score + more[number] for number, score in scores.items() if number in more}
        plain = question.strip().casefold()
        hits = [self._hit(number, score, plain) for number, score in _best(scores, limit * 8)]
        return sorted(hits, key=lambda hit: (-hit.score, len(hit.title), hit.title))[:limit]

    def _hit(self, number: int, score: float, plain: str) -> Hit:
        kind, title, detail, target = self.entries[number]
        folded = title.casefold()
        if folded == plain:
            score *= 2
        elif folded.startswith(plain):
            score *= 1.4
        return Hit(score * KINDS[kind] / (1 + len(title) / 200), kind, title, detail, target)

    def _score(self, word: str) -> dict[int, float]:
        """Each entry's best score for one word of the question."""
        scores: dict[int, float] = {}
        for found, factor in self._matches(word):
            for posting in self.postings[found]:
                score = (posting & 15) * factor
                number = posting >> 4
                if scores.get(number, 0.0) < score:
                    scores[number] = score
        return scores

    def _matches(self, word: str) -> Iterator[tuple[str, float]]:
        is_known = word in self.postings
        if is_known:
            yield word, 1.0
        beginnings = 0
        for place in range(bisect_left(self.vocabulary, word), len(self.vocabulary)):
            found = self.vocabulary[place]
            if not found.startswith(word) or beginnings >= MOST_BEGINNINGS:
                break
            if found != word:
                beginnings += 1
                yield found, 0.5 + 0.4 * len(word) / len(found)
        if not is_known and len(word) >= 4:
            for found in self._close(word):
                yield found, 0.45

    def _close(self, word: str) -> list[str]:
        """Known words that a typing mistake or two would turn into this one."""
        most = 1 if len(word) < 7 else 2
        shared: dict[str, int] = {}
        for pair in set(_pairs(word)):
            for other in self._pairs().get(pair, ()):
                if abs(len(other) - len(word)) <= most:
                    shared[other] = shared.get(other, 0) + 1
        least = max(1, len(word) - 1 - 3 * most)
        likely = sorted(
            (other for other, count in shared.items() if count >= least), key=lambda one: -shared[one]
        )
        return [other for other in likely[:150] if words.is_close(word, other, most)][:MOST_CLOSE]

    def _pairs(self) -> dict[str, list[str]]:
        if self._by_pair is None:
            found: dict[str, list[str]] = {}
            for word in self.vocabulary:
                for pair in set(_pairs(word)):
                    found.setdefault(pair, []).append(word)
            self._by_pair = found
        return self._by_pair


def _pairs(word: str) -> list[str]:
    padded = f"^{word}$"
    return [padded[place : place + 2] for place in range(len(padded) - 1)]


def _best(scores: dict[int, float], limit: int) -> list[tuple[int, float]]:
    if len(scores) > limit:
        least = sorted(scores.values(), reverse=True)[limit - 1]
        return [(number, score) for number, score in scores.items() if score >= least][: 4 * limit]
    return list(scores.items())


@lru_cache(maxsize=24)
def index_of(version_id: int, digest: str) -> Index:
    """Kept under the version's digest, which stands for its content."""
    stored = ApiVersion.objects.values_list("index", flat=True).get(pk=version_id)
    return Index(unpack(stored) if stored else {"entries": [], "postings": {}})
