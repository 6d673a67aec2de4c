"""The units that schedules count in: minutes and hours by the clock, all longer ones on the calendar."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Mapping
from datetime import date, datetime, timedelta

from automations.engine.operators import time_spans

#: The largest number of each unit.
MOST: Mapping[str, int] = {
    "minutes": 10_000,
    "hours": 10_000,
    **{unit: most for unit, (_, _, most) in time_spans.UNITS.items()},
}
UNITS = tuple(MOST)
#: The units that are counted on the calendar, and of these the ones that are so many months long.
CALENDAR = frozenset(time_spans.UNITS)
_MONTHS = {unit: size for unit, (measure, size, _) in time_spans.UNITS.items() if measure == "months"}
#: The length of a month on average over four centuries.
_MONTH = timedelta(days=30.436875)


def later(shown: datetime, amount: int, unit: str) -> datetime:
    """Return a local time `amount` units later on the calendar, at the same time of day.

    Where the month has no such day, its last day counts. Raises OverflowError at the ends of the calendar.
    """
    months = months_of(amount, unit)
    if months is None:
        return shown + span(amount, unit)
    year, month = divmod(shown.year * 12 + shown.month - 1 + months, 12)
    if not date.min.year <= year <= date.max.year:
        raise OverflowError("There is no such date.")
    return shown.replace(year=year, month=month + 1, day=min(shown.day, monthrange(year, month + 1)[1]))


def months_of(amount: int, unit: str) -> int | None:
    """Return the number of months; None for a unit that is not counted in months."""
    return amount * _MONTHS[unit] if unit in _MONTHS else None


def span(amount: int, unit: str) -> timedelta:
    """Return `amount` units as a timedelta: exactly, or for months and years on average."""
    months = months_of(amount, unit)
    return timedelta(**{unit: amount}) if months is None else months * _MONTH
