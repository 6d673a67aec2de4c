"""How far a date is from today: by the day, by the month, or until it comes round again.

Months are counted from the date: one month after the 31st of January is the 28th of February, and the 29th of
February comes round on the 28th in a year without one. So every date has each of its distances on one day.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

#: An end of a range of distances: a factor for the number of the condition, and what is added to it.
End = tuple[int, int]
_HALF = Decimal("0.5")


@dataclass(frozen=True, slots=True)
class Range:
    """The distances from one end to the other, both included; None means no end."""

    low: End | None
    high: End | None

    def ends(self, count: Decimal | None) -> tuple[Decimal | None, Decimal | None]:
        """Return both ends for the number of a condition; None for a condition without one."""
        low, high = ((end and end[0] * (count or Decimal(0)) + end[1]) for end in (self.low, self.high))
        return low, high

    @property
    def is_one(self) -> bool:
        """Whether it is one distance, so that it holds on one day."""
        return self.low == self.high

    def holds(self, distance: Decimal, count: Decimal | None) -> bool:
        """Whether a distance lies between the ends."""
        low, high = self.ends(count)
        return (low is None or low <= distance) and (high is None or distance <= high)


def in_days(day: date, today: date) -> Decimal:
    """Return the days from today to a day, below zero if it is over."""
    return Decimal((day - today).days)


def in_months(day: date, today: date) -> Decimal:
    """Return the months from today to a day: -2 if today is two months after it to the day.

    A day between two whole numbers is a half: 1.5 lies more than one month and less than two ahead.
    """
    since = (today.year - day.year) * 12 + today.month - day.month
    same = min(day.day, monthrange(today.year, today.month)[1])
    over = _HALF if today.day > same else -_HALF if today.day < same else Decimal(0)
    return -(since + over)


def until_it_comes_round(day: date, today: date) -> Decimal:
    """Return the days until a day comes round, in whatever year; it never does before the day itself."""
    if day >= today:
        return in_days(day, today)
    this_year = in_year(day, today.year)
    coming = this_year if this_year >= today else in_year(day, min(today.year + 1, date.max.year))
    return in_days(coming, today)


def in_year(day: date, year: int) -> date:
    """Return the same day of another year; the 29th of February is the 28th in a year without one."""
    return day.replace(year=year, day=min(day.day, monthrange(year, day.month)[1]))


#: How the distance of a date is measured, by the derivation of the fact: "event_date@days".
MEASURES: Mapping[str, Callable[[date, date], Decimal]] = {
    "days": in_days,
    "months": in_months,
    "yearly": until_it_comes_round,
}


def is_distance(key: str) -> bool:
    """Whether a fact is the distance of a date from today."""
    return key.partition("@")[2] in MEASURES
