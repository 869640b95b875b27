"""Nobody learns from an answer's time, words or headers which accounts and people exist."""

from __future__ import annotations

import statistics
import time

import pytest
from django.test import Client

from portal.tenancy import limits

SAMPLES = 500


def _kolmogorov_smirnov(one, other):
    """The probability of a distance this large between two samples of one distribution."""
    import math

    values = sorted(one + other)
    one, other = sorted(one), sorted(other)
    from bisect import bisect_right

    distance = max(
        abs(bisect_right(one, value) / len(one) - bisect_right(other, value) / len(other)) for value in values
    )
    size = len(one) * len(other) / (len(one) + len(other))
    factor = (math.sqrt(size) + 0.12 + 0.11 / math.sqrt(size)) * distance
    return 2 * sum((-1) ** (k - 1) * math.exp(-2 * k * k * factor * factor) for k in range(1, 101))


@pytest.mark.load
@pytest.mark.parametrize(
    ("path", "known", "unknown"),
    [
        (
            "/reset/",
            {"account": "Northwind", "email": "ada@northwind.example"},
            {"account": "Northwind", "email": "nobody@northwind.example"},
        ),
        (
            "/reset/",
            {"account": "Northwind", "email": "ada@northwind.example"},
            {"account": "Nowhere", "email": "nobody@northwind.example"},
        ),
    ],
)
def test_reset_takes_as_long_for_nobody(transactional_db, ada, monkeypatch, path, known, unknown):
    monkeypatch.setattr(limits, "spend", lambda *_, **__: True)  # the limits would end the experiment
    client = Client()
    times: dict[str, list[float]] = {"known": [], "unknown": []}
    answers = {}
    for number in range(SAMPLES + 20):
        pair = [("known", known), ("unknown", unknown)]
        for name, data in pair if number % 2 else reversed(pair):
            begun = time.perf_counter()
            answer = client.post(path, data)
            times[name].append((time.perf_counter() - begun) * 1000)
            headers = {key: value for key, value in answer.headers.items() if key != "X-Request-Id"}
            answers[name] = (
                answer.status_code,
                headers.keys(),
                answer.content.replace(data["email"].encode(), b""),
            )
    times = {name: values[20:] for name, values in times.items()}
    medians = {name: statistics.median(values) for name, values in times.items()}
    print(f"\nmedians (ms): {medians}, KS p = {_kolmogorov_smirnov(times['known'], times['unknown']):.4f}")

    assert answers["known"] == answers["unknown"]
    assert abs(medians["known"] - medians["unknown"]) < 5
