"""The picture of a report as it stands before anybody points at it: bars that need no script.

Measures are texts in per cent of the plot, as SVG takes them; x runs to the right, y down.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from usage import chart
from usage.periods import Unit
from usage.queries import Line, Report

MOST_TICKS = 5
WIDE, NARROW = 13, 4  # labels along the x axis, on large screens and on small ones
GAP = 0.35  # of a moment's width, between two bars
STEPS = (1, 2, 5)


@dataclass(frozen=True, slots=True)
class Part:
    """One piece of a stack; `rank` decides its colour, as in the legend."""

    rank: int
    x: str
    y: str
    width: str
    height: str


@dataclass(frozen=True, slots=True)
class Mark:
    at: str
    text: str
    is_extra: bool = False  # too many for a small screen


@dataclass(frozen=True, slots=True)
class Bars:
    parts: list[Part]
    values: list[Mark]  # at heights
    moments: list[Mark]  # under the middle of their stacks


def bars(report: Report, lines: Sequence[Line], unit: Unit, zone: ZoneInfo) -> Bars:
    stacks = [(rank, counts) for rank, _, counts in chart.stacks(report, lines)]
    highest = max(map(sum, zip(*(counts for _, counts in stacks), strict=True)), default=0)
    step = _step(highest)
    top = max(step, -(-highest // step) * step)
    texts = chart.labels(report.moments, unit, zone)
    width = 100 / max(1, len(texts))
    parts: list[Part] = []
    for number in range(len(texts)):
        below = 0
        for rank, counts in stacks:
            height = counts[number]
            if height:
                y = 100 - 100 * (below + height) / top
                left = width * (number + GAP / 2)
                parts.append(
                    Part(rank, _share(left), _share(y), _share(width * (1 - GAP)), _share(100 * height / top))
                )
            below += height
    every = -(-len(texts) // WIDE)
    shown = range(0, len(texts), every)
    few = -(-len(shown) // NARROW)
    return Bars(
        parts,
        [Mark(_share(100 - 100 * value / top), short(value)) for value in range(0, top + 1, step)],
        [
            Mark(_share(width * (number + 0.5)), texts[number], is_extra=place % few > 0)
            for place, number in enumerate(shown)
        ],
    )


def _share(per_cent: float) -> str:
    return f"{per_cent:.3f}%"


def _step(highest: int) -> int:
    """The smallest round number of which MOST_TICKS reach the top."""
    magnitude = 1
    while True:
        for one in STEPS:
            if one * magnitude * MOST_TICKS >= highest:
                return one * magnitude
        magnitude *= 10


def short(number: int) -> str:
    """1200 → 1.2k."""
    for size, letter in ((1_000_000, "M"), (1000, "k")):
        if number >= size:
            return f"{number / size:g}{letter}"
    return str(number)
