"""The picture of a report: stacked bars as Plotly reads them. Colours come from the page's style sheet."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from html import escape
from importlib import import_module
from typing import Any
from zoneinfo import ZoneInfo

import orjson

from usage.periods import Unit
from usage.queries import Line, Moment, Report

COLOURS = 6  # tokens --chart-1 to --chart-6; the rest is drawn as one "Other"
OTHER = 0
FEW = 5  # calls, up to which each has a line of its own


def ranks(lines: Sequence[Line]) -> dict[tuple[Any, ...], int]:
    """Which colour a line has: the most called first; OTHER for those without one of their own."""
    busiest = sorted(lines, key=lambda line: (-line.calls, line.name))
    own = COLOURS if len(busiest) <= COLOURS else COLOURS - 1
    return {line.key: number if number <= own else OTHER for number, line in enumerate(busiest, 1)}


def figure(report: Report, lines: Sequence[Line], unit: Unit, zone: ZoneInfo) -> str:
    """JSON of {data, layout}. Each trace's `meta` is the rank that decides its colour."""
    # 0.1 s for this page's first reader, not for every process.
    plotly: Any = import_module("plotly.graph_objects")
    bars = [
        plotly.Bar(
            # Plotly reads a little HTML in names: an app's name is text.
            name=escape(name, quote=False),
            x=labels(report.moments, unit, zone),
            y=counts,
            meta=rank,
            hovertemplate="%{y:,}",
        )
        for rank, name, counts in stacks(report, lines)
    ]
    layout = plotly.Layout(
        template=None,
        barmode="stack",
        bargap=0.35,
        hovermode="x unified",
        showlegend=False,
        margin={"l": 8, "r": 8, "t": 8, "b": 8},
        xaxis={"type": "category", "automargin": True, "fixedrange": True, "tickangle": 0},
        yaxis={
            "automargin": True,
            "fixedrange": True,
            "rangemode": "tozero",
            "tickformat": ",~s",
            "nticks": 6,
            "dtick": 1 if _highest(bars) <= FEW else None,  # half a call is none
        },
    )
    return orjson.dumps(plotly.Figure(bars, layout).to_plotly_json()).decode()


def _highest(bars: Sequence[Any]) -> int:
    """The calls of the tallest stack."""
    return max((sum(stack) for stack in zip(*(bar.y for bar in bars), strict=True)), default=0)


def stacks(report: Report, lines: Sequence[Line]) -> list[tuple[int, str, list[int]]]:
    """(rank, name, counts) of each bar from the bottom up; lines without a colour of their own as one."""
    nothing = [0] * len(report.moments)
    rank_of = ranks(lines)
    found: dict[int, tuple[str, list[int]]] = {}
    for line in lines:
        rank = rank_of[line.key]
        name, counts = found.get(rank, (line.name if rank else "Other", nothing))
        own = report.series.get(line.key, nothing)
        found[rank] = (name, [one + more for one, more in zip(counts, own, strict=True)])
    ordered = sorted(found.items(), key=lambda item: item[0] or COLOURS + 1)
    return [(rank, name, counts) for rank, (name, counts) in ordered]


def labels(moments: Sequence[Moment], unit: Unit, zone: ZoneInfo) -> list[str]:
    match unit:
        case Unit.HOUR:
            return _hours([moment.astimezone(zone) for moment in moments if isinstance(moment, datetime)])
        case Unit.DAY:
            return [_day(moment, len(moments)) for moment in moments]
        case Unit.MONTH:
            return [f"{moment:%b %Y}" if len(moments) > 12 else f"{moment:%b}" for moment in moments]


def _hours(moments: list[datetime]) -> list[str]:
    """An hour that the clock shows twice is told apart by its zone's name."""
    plain = [f"{moment:%H:%M}" for moment in moments]
    return [
        f"{text} {moment:%Z}" if plain.count(text) > 1 else text
        for text, moment in zip(plain, moments, strict=True)
    ]


def _day(day: date, among: int) -> str:
    return f"{day:%a} {day.day} {day:%b}" if among <= 7 else f"{day.day} {day:%b}"
