"""What is usual for one automation: how often it fired by its past, and how often it may fire. Pure."""

from __future__ import annotations

import datetime as dt
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from automations.engine.surge.pace import HOURS, Pace

MINUTE, TEN_MINUTES = dt.timedelta(minutes=1), dt.timedelta(minutes=10)
HOUR, DAY, WEEK = dt.timedelta(hours=1), dt.timedelta(days=1), dt.timedelta(weeks=1)
#: The stretches of time in which firings are counted.
WINDOWS = (MINUTE, TEN_MINUTES, HOUR, DAY)
#: So many are never far more than usual; in a whole day, DAY_FLOOR.
FLOOR, DAY_FLOOR = 25, 50
#: Beyond the floor: so many times the busiest hour, or day, of an average week, or so many times the busiest
#: such stretch of the whole past, whichever is more.
PEAK, AGAIN = 12, 1.5
#: The past tells what is usual from so long on. Before that only so many in ten minutes are held back.
KNOWN_FROM, UNKNOWN = dt.timedelta(days=14), 50
#: The weeks that tell what an average week is like and the share, at most.
WEEKS = 8
#: A weekday's own share counts from so many changes on.
ENOUGH = 50


@dataclass(frozen=True, slots=True)
class Usual:
    """How often an automation fired, or would have, in the past."""

    #: How long that past is.
    length: dt.timedelta
    #: Firings a day on average.
    per_day: float
    #: For each of the HOURS of a week, how often it fires on average.
    per_hour: Sequence[float]
    #: The most firings in any stretch as long as each of WINDOWS.
    busiest: Mapping[dt.timedelta, int]
    #: Of the changes that its trigger listens to, the share on which it fires, on the weekday with the
    #: highest; None if that cannot be told, as with the passing of time.
    share: float | None = None

    @property
    def is_known(self) -> bool:
        """Whether the past is long enough to tell."""
        return self.length >= KNOWN_FROM

    def most(self, window: dt.timedelta) -> int:
        """Return how often it may fire within one of WINDOWS, however busy the shop is."""
        floor, typical = FLOOR, max(self.per_hour) * (window / HOUR)
        if window == DAY:
            floor, typical = DAY_FLOOR, max(sum(self.per_hour[at : at + 24]) for at in range(0, HOURS, 24))
        return int(floor + max(PEAK * typical, AGAIN * self.busiest[window]))

    def to_data(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {
            "days": self.length / DAY,
            "per_day": self.per_day,
            "per_hour": [round(count, 4) for count in self.per_hour],
            "busiest": {str(int(window.total_seconds())): self.busiest[window] for window in WINDOWS},
            "share": self.share,
        }

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Usual:
        """Return what `to_data` wrote."""
        busiest = {dt.timedelta(seconds=int(key)): count for key, count in data["busiest"].items()}
        length = dt.timedelta(days=data["days"])
        return cls(length, data["per_day"], data["per_hour"], busiest, data["share"])


def usual_of(
    fired: Sequence[dt.datetime],
    since: dt.datetime,
    until: dt.datetime,
    zone: dt.tzinfo,
    occurred: Iterable[dt.datetime] | None = None,
) -> Usual:
    """Return what is usual for an automation that fired at these instants, in order, in this stretch of time.

    `occurred` are the changes that its trigger listened to in the last WEEKS of it; None if there are none
    to compare with.
    """
    length = max(until - since, dt.timedelta())
    weeks = min(WEEKS, length // WEEK)
    recent = fired[bisect_left(fired, until - weeks * WEEK) :] if weeks else []
    per_hour = Pace.of(recent, weeks, zone).per_hour if weeks else [0.0] * HOURS
    share = None
    if weeks and occurred is not None:
        share = _share(recent, (at for at in occurred if at >= until - weeks * WEEK), zone)
    days = max(length / DAY, 1.0)
    per_day = len(recent) / (7 * weeks) if weeks else len(fired) / days
    return Usual(length, per_day, per_hour, {window: _busiest(fired, window) for window in WINDOWS}, share)


def _busiest(fired: Sequence[dt.datetime], window: dt.timedelta) -> int:
    most = first = 0
    for place, instant in enumerate(fired):
        while instant - fired[first] >= window:
            first += 1
        most = max(most, place - first + 1)
    return most


def _share(fired: Sequence[dt.datetime], occurred: Iterable[dt.datetime], zone: dt.tzinfo) -> float | None:
    of_all = Counter(instant.astimezone(zone).weekday() for instant in occurred)
    of_fired = Counter(instant.astimezone(zone).weekday() for instant in fired)
    total = of_all.total()
    if total < ENOUGH:
        return None
    shares = [of_fired[day] / count for day, count in of_all.items() if count >= ENOUGH]
    return min(1.0, max([of_fired.total() / total, *shares]))
