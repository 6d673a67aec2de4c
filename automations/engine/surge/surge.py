"""Decides when an automation fires far more often than its past says. Pure: counts and times only.

Two things are asked after each firing. First, the pace: more within a minute, ten minutes, an hour or a day
than the busiest times of its past allow, with a generous factor, is too much, whatever else goes on. Second,
where the trigger listens to changes, the share: of the latest changes it may fire on twice its usual share
and some. On a day on which the whole shop is ten times as busy the share stays as it is; a condition that was
dropped shows in it at once, and so does a wrong value.
"""

from __future__ import annotations

import datetime as dt
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from automations.engine.surge.usual import HOUR, TEN_MINUTES, UNKNOWN, WINDOWS, Usual

#: The share is that of so many changes; it may be so many times the usual, and so much more.
LATEST = 50
FAR, BEYOND = 2, 0.3


@dataclass(frozen=True, slots=True)
class Surge:
    """The first firing beyond a limit: its place, and how many there were until then, of how many at most."""

    place: int
    fired: int
    limit: int
    #: The stretch of time in which they were counted; None if they were counted among the LATEST changes.
    window: dt.timedelta | None


@dataclass(frozen=True, slots=True)
class SurgeLimits:
    """What one automation is measured by."""

    usual: Usual | None
    #: A manager's own limit for an hour, in place of everything that the past says.
    per_hour: int | None = None

    def most(self) -> list[tuple[dt.timedelta, int]]:
        """Return the most that may fire in each stretch of time."""
        if self.per_hour is not None:
            return [(HOUR, self.per_hour)]
        if self.usual is None or not self.usual.is_known:
            return [(TEN_MINUTES, UNKNOWN)]
        return [(window, self.usual.most(window)) for window in WINDOWS]

    def most_of_latest(self) -> int | None:
        """Return on how many of the LATEST changes it may fire; None if any number is fine."""
        usual = self.usual
        if self.per_hour is not None or usual is None or not usual.is_known or usual.share is None:
            return None
        most = int(LATEST * (FAR * usual.share + BEYOND))
        return most if most < LATEST else None

    @property
    def reach(self) -> dt.timedelta:
        """How far back the firings have to be known."""
        return max(window for window, _ in self.most())


@dataclass(slots=True)
class Counting:
    """The firings of one automation, counted one after the other."""

    fired: Sequence[dt.datetime]
    limits: SurgeLimits
    #: The changes that its trigger listens to, in order, from LATEST before the first to be looked at.
    changes: Sequence[dt.datetime] = ()
    #: How many more may fire after the last one before anything has to be asked again; set by `surge`.
    room: int = 0

    def surge(self, first: int = 0) -> Surge | None:
        """Return the first surge, at the firing at place `first` or later; None if there is none."""
        windows = [(window, limit) for window, limit in self.limits.most()]
        begins = [0] * len(windows)
        most_of_latest = self.limits.most_of_latest()
        for place in range(first, len(self.fired)):
            counts = []
            for which, (window, limit) in enumerate(windows):
                while self.fired[place] - self.fired[begins[which]] >= window:
                    begins[which] += 1
                counts.append(Surge(place, place - begins[which] + 1, limit, window))
            if most_of_latest is not None:
                counts.append(Surge(place, self._among_latest(place), most_of_latest, None))
            for count in counts:
                if count.fired > count.limit:
                    return count
            self.room = min(count.limit - count.fired for count in counts)
        return None

    def _among_latest(self, place: int) -> int:
        """Return on how many of the LATEST changes it fired, up to this firing."""
        last = bisect_right(self.changes, self.fired[place])
        since = self.changes[max(0, last - LATEST)] if last else self.fired[place]
        return place - bisect_left(self.fired, since, hi=place) + 1
