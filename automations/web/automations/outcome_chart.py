"""The drawing of an automation's last days: one stacked bar per day, cut off where it dwarfs the rest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from automations.features.figures.outcomes import (
    DONE,
    ERROR,
    HELD,
    SENT,
    SERIES,
    SKIPPED,
    STAYED,
    WAITING,
    WRONG,
)
from automations.features.history.outcome_days import OutcomeDay
from automations.web.kit.template_filters import counted, formats

#: Units of the drawing.
BASE, TOP, LEFT, STEP, BAR, LEAST = 148, 34, 32, 38, 26, 3
#: A day above this multiple of the highest of the others is cut off, unless even its number is small.
FAR, SMALL = 2.5, 12
#: From bottom to top.
STACKED = (SENT, STAYED, DONE, SKIPPED, WAITING, HELD, ERROR, WRONG)
_STEPS = (1, 2, 5)


@dataclass(frozen=True)
class OutcomePiece:
    """A rectangle of a bar; `kind` is its series."""

    kind: str
    y: float
    height: float


@dataclass(frozen=True)
class OutcomeBar:
    """One day: its title, its left edge, its pieces, and its number if it is cut off."""

    words: str
    x: int
    pieces: tuple[OutcomePiece, ...]
    cut: int = 0

    @property
    def middle(self) -> float:
        return self.x + BAR / 2


@dataclass(frozen=True)
class Tick:
    """A line across the chart with its number, or a day below it with its date."""

    at: float
    words: str


@dataclass(frozen=True)
class OutcomeChart:
    bars: tuple[OutcomeBar, ...]
    lines: tuple[Tick, ...]
    dates: tuple[Tick, ...]
    name: str


def outcome_chart(days: Sequence[OutcomeDay]) -> OutcomeChart:
    """Return the days, oldest first, as a chart."""
    most = _highest(days)
    step = _step(most)
    top = max(step * -(-most // step), 1)
    scale = (BASE - TOP) / top
    bars = tuple(_bar(day, place, most, scale) for place, day in enumerate(days))
    lines = tuple(Tick(BASE - number * scale, f"{counted(number)}") for number in range(0, top + 1, step))
    return OutcomeChart(bars, lines, _dates(days), _name(days))


def _highest(days: Sequence[OutcomeDay]) -> int:
    """Return the number of the highest bar that is drawn to scale."""
    first, second, *_ = sorted((day.drawn for day in days), reverse=True)
    return second if first > SMALL and second and first > FAR * second else first


def _step(most: int) -> int:
    """Return the distance of the lines, a round number: at most four lines above the ground."""
    power = 1
    while True:
        for step in _STEPS:
            if most <= 4 * step * power:
                return step * power
        power *= 10


def _bar(day: OutcomeDay, place: int, most: int, scale: float) -> OutcomeBar:
    cut = day.drawn > most
    # A bar that is cut off keeps the proportions of what it stands for.
    scale = (BASE - TOP) / day.drawn if cut else scale
    pieces: list[OutcomePiece] = []
    y = float(BASE)
    for kind in STACKED:
        count = day.of(kind)
        if count:
            height = max(round(count * scale, 1), LEAST)
            y = round(y - height, 1)
            pieces.append(OutcomePiece(kind, y, height))
    return OutcomeBar(_words(day), LEFT + place * STEP, tuple(pieces), day.drawn if cut else 0)


def _words(day: OutcomeDay) -> str:
    counts = [f"{counted(day.of(kind))} {label.lower()}" for kind, label in SERIES.items() if day.of(kind)]
    date = formats().short_weekday_date(day.date)
    return f"{date}: {', '.join(counts) if counts else 'nothing fired'}"


def _dates(days: Sequence[OutcomeDay]) -> tuple[Tick, ...]:
    """Return the days that are named below the chart: one a week, counted back from today."""
    named = [(place, day.date) for place, day in enumerate(days[:-1]) if (len(days) - 1 - place) % 7 == 0]
    return tuple(Tick(LEFT + place * STEP + BAR / 2, formats().short_date(date)) for place, date in named)


def _name(days: Sequence[OutcomeDay]) -> str:
    sums = ((label, sum(day.of(kind) for day in days)) for kind, label in SERIES.items())
    totals = (
        ", ".join(f"{counted(count)} {label.lower()}" for label, count in sums if count) or "nothing fired"
    )
    return f"Bars of {len(days)} days by the worst outcome of each run: {totals}"
