"""A year of a flower shop, drawn from a seed: hours and weekdays, great days, growth."""

from __future__ import annotations

import datetime as dt
from bisect import bisect_left
from dataclasses import dataclass
from random import Random
from zoneinfo import ZoneInfo

from automations.engine.surge.surge import Counting, Surge, SurgeLimits
from automations.engine.surge.usual import DAY, HOUR, MINUTE, WEEK, WEEKS, Usual, usual_of
from tests.kit.time import at

LONDON = ZoneInfo("Europe/London")
FIRST = at("2026-01-05 00:00")
#: By hour from 8 to 18, and by weekday from Monday.
HOURS = (2, 5, 8, 9, 8, 6, 7, 8, 9, 7, 3)
WEEKDAYS = (0.7, 0.8, 0.9, 1.0, 1.5, 1.9, 0.2)
#: Local days with how many times as much as usual is sold: Valentine's, Mother's Day (a Sunday), Christmas.
GREAT_DAYS = {
    **{dt.date(2026, 2, day): times for day, times in ((12, 2.0), (13, 4.0), (14, 5.3))},
    **{dt.date(2026, 3, day): times for day, times in ((13, 2.0), (14, 3.0), (15, 50.0))},
    **{dt.date(2026, 12, day): times for day, times in ((22, 3.0), (23, 5.0), (24, 8.0), (25, 0.0))},
}


@dataclass(frozen=True)
class Year:
    """When orders came, and when the automation fired for one."""

    changes: list[dt.datetime]
    fired: list[dt.datetime]

    def limits(self, now: dt.datetime, begin: dt.datetime = FIRST) -> SurgeLimits:
        """Return what it is measured by, as the worker would have it that morning."""
        return SurgeLimits(self.usual(now, begin))

    def usual(self, now: dt.datetime, begin: dt.datetime = FIRST) -> Usual:
        changes = _cut(self.changes, max(begin, now - WEEKS * WEEK), now)
        return usual_of(_cut(self.fired, begin, now), begin, now, LONDON, changes)


def a_year(rng: Random, a_day: float, share: float, growth: float = 1.0, days: int = 364) -> Year:
    """Return a year in which the shop grows `growth` times as large; its share is higher on great days."""
    changes, fired = [], []
    for day in range(days):
        date = (FIRST + day * DAY).date()
        season = GREAT_DAYS.get(date, 1.0)
        mean = a_day * WEEKDAYS[date.weekday()] * season * growth ** (day / 364)
        chance = min(0.95, share * (1.5 if season > 2 else rng.uniform(0.7, 1.3)))
        for hour, weight in enumerate(HOURS, start=8):
            begin = dt.datetime.combine(date, dt.time(hour), LONDON)
            for _ in range(poisson(rng, mean * weight / sum(HOURS))):
                changes.append(begin.astimezone(dt.UTC) + rng.random() * HOUR)
                if rng.random() < chance:
                    fired.append(changes[-1])
    return Year(sorted(changes), sorted(fired))


def poisson(rng: Random, mean: float) -> int:
    count, passed = 0, rng.expovariate(1.0)
    while passed < mean:
        count, passed = count + 1, passed + rng.expovariate(1.0)
    return count


def surges(year: Year, begin: dt.datetime, every: dt.timedelta, past_from: dt.datetime) -> list[Surge]:
    """Return what would be held from `begin` on, with what is usual looked up anew so often."""
    found, now = [], begin
    while now < year.changes[-1]:
        recent = _cut(year.fired, now - DAY, now + every)
        counting = Counting(recent, year.limits(now, past_from), year.changes)
        surge = counting.surge(len(_cut(recent, now - DAY, now)))
        found += [surge] if surge else []
        now += every
    return found


def stopped(year: Year, wrong: list[dt.datetime], also: list[dt.datetime]) -> tuple[int, dt.timedelta]:
    """Return how many of the wrong firings go before it is held, and how long after the first of them.

    `also` are the changes that come with them.
    """
    now = wrong[0]
    limits = year.limits(now.replace(hour=1, minute=0))
    changes = sorted(year.changes + also)
    fired = sorted(_cut(year.fired, now - DAY, wrong[-1] + MINUTE) + wrong)
    counting = Counting(fired, limits, changes)
    surge = counting.surge(fired.index(now))
    if surge is None:
        return len(wrong), wrong[-1] - now
    held = fired[surge.place]
    return sum(instant < held for instant in wrong), held - now


def _cut(instants: list[dt.datetime], since: dt.datetime, until: dt.datetime) -> list[dt.datetime]:
    return instants[bisect_left(instants, since) : bisect_left(instants, until)]
