"""The inverse of `calendar`: the ranges of dates that are due between two instants."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace

from automations.engine.operators.distances import in_year
from automations.engine.rules.calendar import Anchor, due_at, signed_amount
from automations.engine.rules.time_units import CALENDAR, later, months_of, span
from automations.engine.rules.trigger_schedule import DateReached

Range = tuple[Anchor, Anchor]

#: More than any UTC offset plus any change of the clock.
SLACK = dt.timedelta(hours=30)
CENTURY = dt.timedelta(days=36_525)
#: From the 28th of February to the 31st of a month whose day a month later that is.
MONTH_ENDS = dt.timedelta(days=3)
_DAY = dt.timedelta(days=1)
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
    """Yield the ranges of the first time and of each repeat, or each year, separately."""
    if schedule.yearly:
        yield from _every_year(schedule, low, high, zone)
        return
    between = _days if days else _moments
    for turn in _turns(schedule):
        yield from between(schedule, turn, low, high, zone)


def _turns(schedule: DateReached) -> range:
    """Return the turns: 0, and one for each repeat within a hundred years."""
    if not schedule.repeat_every:
        return range(1)
    return range(min(schedule.repeat_times, CENTURY // span(schedule.repeat_every, schedule.repeat_unit)) + 1)


def _every_year(
    schedule: DateReached, low: dt.datetime, high: dt.datetime, zone: dt.tzinfo
) -> Iterator[Range]:
    """Yield for each year the days that come round on those that are due."""
    for first, last in _days(replace(schedule, yearly=False), 0, low, high, zone):
        for year in range(first.year, EARLIEST.year, -1):
            begun, ended = in_year(first, year), in_year(last, year + last.year - first.year)
            # The 29th of February comes round on the 28th, and so with those of the 28th, or not at all.
            if begun.day < first.day:
                begun += _DAY
            if (last.month, last.day) == (2, 28) and (last + _DAY).day == 1 and (ended + _DAY).day == 29:
                ended += _DAY
            if begun <= ended:
                yield begun, ended


def _days(
    schedule: DateReached, turn: int, low: dt.datetime, high: dt.datetime, zone: dt.tzinfo
) -> Iterator[tuple[dt.date, dt.date]]:
    first = _day(_before(schedule, turn, low - SLACK)) - _DAY
    last = _day(_before(schedule, turn, high + SLACK)) + MONTH_ENDS + _DAY
    days = (first + dt.timedelta(days=n) for n in range((last - first).days + 1))
    due = [day for day in days if low < due_at(schedule, day, turn, zone) <= high]
    if due:
        yield due[0], due[-1]


def _moments(
    schedule: DateReached, turn: int, low: dt.datetime, high: dt.datetime, zone: dt.tzinfo
) -> Iterator[Range]:
    # A requested time of day can be up to a day away from the time of the datetime itself.
    units = (schedule.unit, schedule.repeat_unit if turn else schedule.unit)
    slack = SLACK if CALENDAR.intersection(units) else dt.timedelta(0)
    month_ends = MONTH_ENDS if any(months_of(1, unit) for unit in units) else dt.timedelta(0)
    yield _before(schedule, turn, low - slack), _before(schedule, turn, high + slack) + month_ends


def _before(schedule: DateReached, turn: int, instant: dt.datetime) -> dt.datetime:
    """Return what is due then, ignoring clock changes: of several that end a month, the first."""
    again = (schedule.repeat_every or 0) * turn
    try:
        return later(later(instant, -again, schedule.repeat_unit), -signed_amount(schedule), schedule.unit)
    except OverflowError:
        ends = (EARLIEST, LATEST) if signed_amount(schedule) + again > 0 else (LATEST, EARLIEST)
        return dt.datetime.combine(ends[0], dt.time(0), dt.UTC)


def _day(instant: dt.datetime) -> dt.date:
    return min(max(instant.date(), EARLIEST), LATEST)


def _merged(unsorted: list[Range]) -> list[Range]:
    merged: list[Range] = []
    for low, high in sorted(unsorted):
        if merged and low <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], high))
        else:
            merged.append((low, high))
    return merged
