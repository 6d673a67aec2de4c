"""The inverse of `calendar`: the ranges of dates that are due between two instants."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from automations.engine.rules.calendar import Anchor, distance, due_at, span
from automations.engine.rules.trigger_schedule import DateReached

Range = tuple[Anchor, Anchor]

#: More than any UTC offset plus any change of the clock.
SLACK = dt.timedelta(hours=30)
CENTURY = dt.timedelta(days=36_525)
EARLIEST, LATEST = dt.date(1900, 1, 2), dt.date(9000, 1, 1)


def ranges(
    schedule: DateReached, low: dt.datetime, high: dt.datetime, zone: dt.tzinfo, days: bool
) -> list[Range]:
    """Return sorted, disjoint ranges that cover every value due after `low` and not after `high`.

    For dates (`days`) they are exact; for datetimes they may be too wide, so each value must be checked.
    """
    return _merged(list(by_turn(schedule, low, high, zone, days)))


def by_turn(
    schedule: DateReached, low: dt.datetime, high: dt.datetime, zone: dt.tzinfo, days: bool
) -> Iterator[Range]:
    """Yield the ranges of the first time and of each repeat separately."""
    between = _days if days else _moments
    for turn in _turns(schedule):
        yield from between(schedule, turn, low, high, zone)


def _turns(schedule: DateReached) -> range:
    """Return the turns: 0, and one for each repeat within a hundred years."""
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
    # A requested time of day can be up to a day away from the time of the datetime itself.
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
