"""The chart of a backtest: per day what stays the same and what is gained; what is lost points down."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from automations.models.tables.backtest import GAINED, LOST, SAME, Backtest
from automations.web.kit.template_filters import counted, day, formats

#: Units of the drawing: its height, the width of a bar with its gap, the most units that one firing takes.
HEIGHT, STEP, TALLEST = 188, 6, 24.0
#: More days than this are drawn by week, more weeks by four weeks.
MOST_BARS = 105

Counts = tuple[int, int, int]


@dataclass(frozen=True)
class DivergingPiece:
    """A rectangle of a bar; `kind` is its CSS class."""

    kind: str
    y: float
    height: float


@dataclass(frozen=True)
class DivergingBar:
    """One day or more: its title, its left edge, and its pieces."""

    words: str
    x: int
    pieces: tuple[DivergingPiece, ...]


@dataclass(frozen=True)
class DivergingChart:
    """The whole chart. `name` describes it in words; `unread` is the width of what is not read yet."""

    bars: tuple[DivergingBar, ...]
    width: int
    zero: float
    unread: int
    name: str
    first: str
    most: int
    each: str


def chart(backtest: Backtest, zone: ZoneInfo) -> DivergingChart | None:
    """Return the chart of a backtest; None if its period is empty."""
    days = list(_days(backtest.since, backtest.until, zone))
    if not days:
        return None
    size = 1 if len(days) <= MOST_BARS else 7 if len(days) <= MOST_BARS * 7 else 28
    groups = [days[begin : begin + size] for begin in range(0, len(days), size)]
    counts = [_sum(backtest.figures["days"], group) for group in groups]
    most = max(gained + same for gained, _, same in counts)
    down = max(lost for _, lost, _ in counts)
    unit = min(TALLEST, (HEIGHT - 4) / max(most + down, 1))
    zero = HEIGHT - 2 - down * unit if down else float(HEIGHT - 1)
    compared = bool(backtest.version_id)
    bars = tuple(
        DivergingBar(_words(group, count, compared), place * STEP, tuple(_pieces(count, unit, zero)))
        for place, (group, count) in enumerate(zip(groups, counts, strict=True))
    )
    read_to = backtest.read_to or backtest.until
    unread = sum(group[-1] < read_to.astimezone(zone).date() for group in groups)
    each = {1: "a day", 7: "a week", 28: "in four weeks"}[size]
    name = _name(backtest, len(days), most, each)
    width = len(groups) * STEP - 1
    return DivergingChart(bars, width, zero, unread * STEP, name, day(days[0]), most, each)


def _days(since: dt.datetime, until: dt.datetime, zone: ZoneInfo) -> Iterator[dt.date]:
    if since >= until:
        return
    first = since.astimezone(zone).date()
    last = (until - dt.timedelta.resolution).astimezone(zone).date()
    for place in range((last - first).days + 1):
        yield first + dt.timedelta(days=place)


def _sum(counts: Mapping[str, Sequence[int]], days: Sequence[dt.date]) -> Counts:
    gained, lost, same = map(sum, zip(*(counts.get(day.isoformat(), (0, 0, 0)) for day in days), strict=True))
    return gained, lost, same


def _pieces(counts: Counts, unit: float, zero: float) -> Iterator[DivergingPiece]:
    gained, lost, same = counts
    top = zero
    for kind, count in ((SAME, same), (GAINED, gained)):
        if count:
            top -= count * unit
            yield DivergingPiece(kind, round(top, 2), round(count * unit, 2))
    if lost:
        yield DivergingPiece(LOST, round(zero + 2, 2), round(max(lost * unit - 2, 2), 2))


def _words(days: Sequence[dt.date], counts: Counts, compared: bool) -> str:
    gained, lost, same = counts
    named = formats().short_weekday_date(days[0])
    when = named if len(days) == 1 else f"{len(days)} days from {named}"
    if not compared:
        return f"{when}: {counted(gained)}"
    return f"{when}: {counted(same)} the same, {counted(gained)} gained, {counted(lost)} lost"


def _name(backtest: Backtest, days: int, most: int, each: str) -> str:
    figures = backtest.figures
    so_far = "" if backtest.finished_at else ", so far"
    if not backtest.version_id:
        totals = f"{counted(figures[GAINED])} would have fired{so_far}"
        return f"Bars of {counted(days)} days: {totals}, at most {counted(most)} {each}"
    named = ((GAINED, "gained"), (LOST, "lost"), (SAME, "the same"))
    totals = ", ".join(f"{counted(figures[kind])} {words}" for kind, words in named) + so_far
    return f"Bars of {counted(days)} days: {totals}; at most {counted(most)} {each}; lost ones point down"
