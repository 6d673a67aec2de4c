"""The chart above the log: what automations did on each of the last days, as bars to draw."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from automations.pipeline.why_chart import Day
from automations.web import filters

#: The drawing is so high; bars leave some room on top, since a small count is drawn higher than it is.
HEIGHT, HIGHEST, LEAST = 96.0, 88.0, 2.5
#: The parts of a bar from the bottom to the top: field, words, tone, icon.
PARTS = (
    ("fired", "Fired, all well", "teal", "bolt"),
    ("skipped", "Skipped something", "orange", "dash-circle"),
    ("failing", "Failing", "red", "alert"),
)


@dataclass(frozen=True)
class Piece:
    """A rectangle; `kind` is the class it is drawn with."""

    kind: str
    y: float
    height: float


@dataclass(frozen=True)
class Bar:
    """A day: its words, where it stands, and its pieces."""

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
    """`name` says in words what the drawing shows."""

    bars: tuple[Bar, ...]
    legend: tuple[Legend, ...]
    name: str
    first: str
    most: int


def chart(days: Sequence[Day]) -> Chart:
    """The days as a drawing that is 20 wide for each."""
    most = max(_total(day) for day in days)
    legend = tuple(
        Legend(words, tone, icon, sum(getattr(day, kind) for day in days))
        for kind, words, tone, icon in PARTS
    )
    told = ", ".join(f"{one.words.lower()} {one.count:,}" for one in legend)
    name = f"What automations did in the last {len(days)} days: {told}. At most {most:,} a day."
    bars = tuple(Bar(_words(day), place * 20, _pieces(day, most)) for place, day in enumerate(days))
    return Chart(bars, legend, name, filters.day(days[0].date), most)


def _pieces(day: Day, most: int) -> tuple[Piece, ...]:
    pieces: list[Piece] = []
    top = HEIGHT
    for kind, *_ in PARTS:
        count = getattr(day, kind)
        if count:
            height = max(round(count / most * HIGHEST, 2), LEAST)
            top -= height
            pieces.append(Piece(kind, round(top, 2), height))
    return tuple(pieces) or (Piece("none", HEIGHT - 1, 1),)


def _total(day: Day) -> int:
    return day.fired + day.skipped + day.failing


def _words(day: Day) -> str:
    said = ", ".join(f"{words.lower()} {getattr(day, kind):,}" for kind, words, *_ in PARTS)
    return f"{filters.day(day.date)}: {said if _total(day) else 'nothing fired'}"
