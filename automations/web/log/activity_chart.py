"""The chart above the activity log: one stacked bar per day of what the automations did."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from automations.features.figures.outcomes import (
    DONE,
    ERROR,
    HELD,
    RARE,
    SENT,
    SERIES,
    SKIPPED,
    STAYED,
    WAITING,
    WRONG,
)
from automations.features.history.daily_counts import DayCounts
from automations.web.kit.template_filters import counted
from automations.web.kit.template_filters import day as day_words

#: Units of the drawing: its height, the highest bar, the lowest piece. Small counts are drawn taller than
#: they are, so the highest bar leaves room for them.
HEIGHT, HIGHEST, LEAST = 96.0, 88.0, 2.5
#: The series of a bar from bottom to top, each with its colour and icon.
PARTS = (
    (SENT, "teal", "send"),
    (STAYED, "secondary", "inbox"),
    (DONE, "green", "check"),
    (WAITING, "azure", "clock"),
    (SKIPPED, "yellow", "dash-circle"),
    (HELD, "orange", "hand-stop"),
    (ERROR, "red", "help-circle"),
    (WRONG, "red", "alert"),
)


@dataclass(frozen=True)
class Piece:
    """A rectangle of a bar; `kind` is its CSS class."""

    kind: str
    y: float
    height: float


@dataclass(frozen=True)
class Bar:
    """One day: its title, its left edge, and its pieces from bottom to top."""

    words: str
    x: int
    pieces: tuple[Piece, ...]


@dataclass(frozen=True)
class Legend:
    words: str
    tone: str
    icon: str
    count: int


@dataclass(frozen=True)
class Chart:
    """The whole chart. `name` describes it in words, `most` is the highest total of a day."""

    bars: tuple[Bar, ...]
    legend: tuple[Legend, ...]
    name: str
    first: str
    most: int


def chart(days: Sequence[DayCounts]) -> Chart:
    """Return the days, oldest first, as a chart 20 units wide per day."""
    most = max(day.drawn for day in days)
    sums = {series: sum(day.of(series) for day in days) for series in SERIES}
    legend = tuple(
        Legend(SERIES[series], tone, icon, sums[series])
        for series, tone, icon in PARTS
        if sums[series] or series not in RARE
    )
    totals = ", ".join(f"{entry.words.lower()} {counted(entry.count)}" for entry in legend)
    name = f"What automations did in the last {len(days)} days: {totals}. At most {counted(most)} a day."
    bars = tuple(Bar(_words(day), place * 20, _pieces(day, most)) for place, day in enumerate(days))
    return Chart(bars, legend, name, day_words(days[0].date), most)


def _pieces(day: DayCounts, most: int) -> tuple[Piece, ...]:
    pieces: list[Piece] = []
    top = HEIGHT
    for kind, *_ in PARTS:
        count = day.of(kind)
        if count:
            height = max(round(count / most * HIGHEST, 2), LEAST)
            top -= height
            pieces.append(Piece(kind, round(top, 2), height))
    return tuple(pieces) or (Piece("none", HEIGHT - 1, 1),)


def _words(day: DayCounts) -> str:
    counts = ", ".join(
        f"{SERIES[kind].lower()} {counted(day.of(kind))}" for kind, *_ in PARTS if day.of(kind)
    )
    return f"{day_words(day.date)}: {counts or 'nothing fired'}"
