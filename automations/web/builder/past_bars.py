"""The bars of the builder's card about the past: a bar per day, or per week where there are many days."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from automations.web.kit.template_filters import counted, day

HEIGHT, STEP, WIDTH, LEAST = 48, 4, 3, 3
#: More days than this are drawn as weeks.
MOST_DAYS = 120
#: A day with what both versions would fire, and what only the draft would.
Day = tuple[dt.date, int, int]


@dataclass(frozen=True)
class DayBar:
    """One bar: its title, its left edge, and the heights of its two pieces from the ground up."""

    words: str
    x: int
    same: float
    gained: float


@dataclass(frozen=True)
class DayBars:
    bars: tuple[DayBar, ...]
    width: int
    name: str
    first: str


def day_bars(days: Sequence[Day]) -> DayBars | None:
    """Return the drawing of these days, oldest first; None if there are none."""
    if not days:
        return None
    weekly = len(days) > MOST_DAYS
    length = 7 if weekly else 1
    groups = [days[place : place + length] for place in range(0, len(days), length)]
    totals = [(group[0][0], sum(day[1] for day in group), sum(day[2] for day in group)) for group in groups]
    most = max(same + gained for _, same, gained in totals)
    bars = tuple(_bar(place, total, most, weekly) for place, total in enumerate(totals))
    fired, span = sum(day[1] + day[2] for day in days), "week" if weekly else "day"
    name = f"Bars of {len(bars)} {span}s: {counted(fired)} would have fired, at most {counted(most)} a {span}"
    return DayBars(bars, len(bars) * STEP - 1, name, day(days[0][0]))


def _bar(place: int, total: Day, most: int, weekly: bool) -> DayBar:
    date, same, gained = total
    low, high = _height(same, most), _height(gained, most)
    beginning = "Week from " if weekly else ""
    return DayBar(f"{beginning}{day(date)}: {counted(same + gained)} would fire", place * STEP, low, high)


def _height(count: int, most: int) -> float:
    return max(round(count / most * (HEIGHT - 2), 1), LEAST) if count else 0
