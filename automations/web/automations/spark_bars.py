"""The small bars in the list of automations: a bar a day, stacked by what became of each firing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from automations.features.figures.outcomes import (
    DONE,
    DROPPED,
    ERROR,
    HELD,
    SENT,
    SERIES,
    SKIPPED,
    STAYED,
    WAITING,
    WRONG,
)
from automations.web.kit.template_filters import counted

#: Units of the drawing. A failure among thousands is drawn higher than it is, so that it is seen.
HEIGHT, STEP, WIDTH, LEAST = 24.0, 4, 3, 3.0
#: From bottom to top.
STACKED = (SENT, STAYED, DONE, WAITING, SKIPPED, DROPPED, HELD, ERROR, WRONG)


@dataclass(frozen=True)
class SparkPiece:
    """A rectangle; `kind` is its CSS class."""

    kind: str
    x: int
    y: float
    height: float


@dataclass(frozen=True)
class Spark:
    """The whole drawing; `name` says it in words."""

    pieces: tuple[SparkPiece, ...]
    name: str


def spark(days: Sequence[Mapping[str, int]]) -> Spark:
    """Return the days, oldest first, as small bars."""
    most = max(sum(day.values()) for day in days)
    pieces = [piece for place, day in enumerate(days) for piece in _bar(day, place * STEP, most)]
    totals = Counter[str]()
    for day in days:
        totals.update(day)
    parts = [f"{counted(totals[one])} {label.lower()}" for one, label in SERIES.items() if totals[one]]
    if totals[DROPPED]:
        parts.append(f"{counted(totals[DROPPED])} cancelled")
    times = f"{counted(totals.total())} time{'' if totals.total() == 1 else 's'}"
    name = f"Fired {times} in {len(days)} days, at most {counted(most)} a day: {', '.join(parts)}"
    return Spark(tuple(pieces), name)


def _bar(day: Mapping[str, int], x: int, most: int) -> list[SparkPiece]:
    kinds = [kind for kind in STACKED if day.get(kind)]
    if not kinds:
        return [SparkPiece("none", x, HEIGHT - 1, 1)]
    # What is drawn higher than it is must still fit.
    scale = (HEIGHT - 2 - LEAST * (len(kinds) - 1)) / most
    pieces, top = [], HEIGHT
    for kind in kinds:
        height = round(max(day[kind] * scale, LEAST), 1)
        top = round(top - height, 1)
        pieces.append(SparkPiece(kind, x, top, height))
    return pieces
