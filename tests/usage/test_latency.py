from __future__ import annotations

import random
from itertools import pairwise

import pytest

from usage.latency import BOUNDS, BUCKETS, bucket, quantile


def test_bounds_never_change() -> None:
    """Stored rows rely on them."""
    assert (BUCKETS, BOUNDS[:7], BOUNDS[-1]) == (37, (100, 150, 200, 300, 500, 700, 1000), 70_000_000)
    assert all(low < high for low, high in pairwise(BOUNDS))


@pytest.mark.parametrize("share", [0.5, 0.95, 0.99])
def test_quantiles_of_merged_rows_are_near_the_true_ones(share: float) -> None:
    draw = random.Random(7)
    latencies = sorted(int(draw.lognormvariate(9, 1)) for _ in range(20_000))
    halves = [[0] * BUCKETS, [0] * BUCKETS]
    for number, latency in enumerate(latencies):
        halves[number % 2][bucket(latency)] += 1

    merged = [one + other for one, other in zip(*halves, strict=True)]

    assert quantile(merged, share) == pytest.approx(latencies[int(share * 20_000)], rel=0.1)


def test_no_calls_have_no_quantile() -> None:
    assert quantile([None] * BUCKETS, 0.5) is None
