"""The dates whose instants fall between two others: what `calendar` reckons, backwards."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from automations.engine.calendar import Anchor, distance, due_at, span
from automations.engine.schedule import DateReached

Range = tuple[Anchor, Anchor]

#: Clocks differ by at most half a day from UTC and more from each other, and are put back by an hour or two.
SLACK = dt.timedelta(hours=30)
CENTURY = dt.timedelta(days=36_525)
EARLIEST, LATEST = dt.date(1900, 1, 2), dt.date(9000, 1, 1)


def ranges(
    schedule: DateReached, low: dt.datetime, high: dt.datetime, zone: dt.tzinfo, days: bool
) -> list[Range]:
    """Ranges that hold every value due after `low` and not after `high`, in order, none twice.

    Dates (`days`) are found exactly; of moments some outside are taken in, to be looked at one by one.
    """
    return _merged(list(by_turn(schedule, low, high, zone, days)))


def by_turn(
    schedule: DateReached, low: dt.datetime, high: dt.datetime, zone: dt.tzinfo, days: bool
) -> Iterator[Range]:
    """The same for the first time and each repeat by itself, so that within one the order is that of time."""
    between = _days if days else _moments
    for turn in _turns(schedule):
        yield from between(schedule, turn, low, high, zone)


def _turns(schedule: DateReached) -> range:
    """0, and one more for each repeat of the next hundred years."""
    if not schedule.repeat_every:
        return range(1)
    return range(min(schedule.repeat_times, CENTURY // span(schedule.repeat_every, schedule.repeat_unit)) + 1)


def _days(
    schedule: DateReached, turn: int, low: dt.datetime, high: dt.datetime, zone: dt.tzinfo
) -> Iterator[Range]:
    later = distance(schedule, turn)
    first = _day(low, later + SLACK) - dt.timedelta(days=1)
    last = _day(high, later - SLACK) + dt.timedelta(days=1)
    days = (first + dt.timedelta(days=n) for n in range((last - first).days + 1))
    due = [day for day in days if low < due_at(schedule, day, turn, zone) <= high]
    if due:
        yield due[0], due[-1]


def _moments(
    schedule: DateReached, turn: int, low: dt.datetime, high: dt.datetime, zone: dt.tzinfo
) -> Iterator[Range]:
    later = distance(schedule, turn)
    by_the_day = schedule.unit == "days" or (turn > 0 and schedule.repeat_unit == "days")
    # To a time of day that is asked for it is up to a day from the moment's own.
    slack = SLACK if by_the_day else dt.timedelta(0)
    yield low - later - slack, high - later + slack


def _day(instant: dt.datetime, less: dt.timedelta) -> dt.date:
    return min(max((instant - less).date(), EARLIEST), LATEST)


def _merged(unsorted: list[Range]) -> list[Range]:
    merged: list[Range] = []
    for low, high in sorted(unsorted):
        if merged and low <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], high))
        else:
            merged.append((low, high))
    return merged
