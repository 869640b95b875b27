"""The bars that come drawn: the same figures as the table, in whole per cents of the plot."""

from __future__ import annotations

from datetime import date, timedelta
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest

from usage.bars import MOST_TICKS, bars, short
from usage.periods import Unit

UTC = ZoneInfo("UTC")


def drawn(*series: list[int]):
    """Of lines with these calls a day, the busiest first."""
    lines = [SimpleNamespace(key=(n,), name=f"App {n}", calls=sum(one)) for n, one in enumerate(series)]
    days = [date(2026, 10, 1) + timedelta(days=n) for n in range(len(series[0]))]
    report = SimpleNamespace(
        moments=days, series={line.key: one for line, one in zip(lines, series, strict=True)}
    )
    return bars(report, lines, Unit.DAY, UTC)


def share(text: str) -> float:
    return float(text.removesuffix("%"))


def test_stacks_are_as_high_as_their_calls():
    found = drawn([30, 0, 50], [10, 5, 0])

    assert [mark.text for mark in found.values] == ["0", "10", "20", "30", "40", "50"]
    assert [(part.rank, share(part.y), share(part.height)) for part in found.parts] == [
        (1, 40, 60),  # 30 of 50, from the bottom
        (2, 20, 20),  # 10 on top of it
        (2, 90, 10),
        (1, 0, 100),
    ]
    middles = [share(part.x) + share(part.width) / 2 for part in found.parts]
    assert middles == pytest.approx([share(found.moments[n].at) for n in (0, 0, 1, 2)], abs=0.01)


@pytest.mark.parametrize("highest", [0, 1, 3, 5, 6, 10, 11, 99, 100, 101, 999_999, 12_345_678])
def test_every_stack_fits_below_a_few_round_values(highest):
    found = drawn([highest])
    heights = [share(mark.at) for mark in found.values]

    assert heights[0] == 100
    assert heights[-1] == 0
    assert 2 <= len(found.values) <= MOST_TICKS + 1
    assert all(0 <= share(part.y) <= 100 for part in found.parts)


def test_a_small_screen_has_room_for_four_labels():
    found = drawn([1] * 31)

    assert len(found.moments) <= 13
    assert [mark.text for mark in found.moments if not mark.is_extra] == [
        "1 Oct",
        "10 Oct",
        "19 Oct",
        "28 Oct",
    ]


@pytest.mark.parametrize(
    ("number", "text"), [(0, "0"), (999, "999"), (1500, "1.5k"), (20_000, "20k"), (2_500_000, "2.5M")]
)
def test_large_values_are_short(number, text):
    assert short(number) == text
