"""How often something happens by the week: what was to be expected in any stretch of time. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

HOURS = 7 * 24
_HOUR = dt.timedelta(hours=1)
_MONDAY = dt.datetime(1970, 1, 5, tzinfo=dt.UTC)


@dataclass(frozen=True, slots=True)
class Pace:
    """How often something happens in each hour of the week, on the clock of a store."""

    zone: dt.tzinfo
    #: For each of the HOURS of a week, how often it happens on average.
    per_hour: Sequence[float]
    #: How often from Monday until each hour begins; the last one is the whole week.
    until_hour: Sequence[float]

    @classmethod
    def of(cls, instants: Iterable[dt.datetime], weeks: int, zone: dt.tzinfo) -> Pace:
        """Return the pace of instants that are spread over so many whole weeks."""
        counts = [0] * HOURS
        for instant in instants:
            counts[int(_hours(instant, zone) % HOURS)] += 1
        return cls.by_the_hour([count / weeks for count in counts], zone)

    @classmethod
    def by_the_hour(cls, per_hour: Sequence[float], zone: dt.tzinfo) -> Pace:
        """Return the pace with these averages, one for each of the HOURS of a week."""
        return cls(zone, per_hour, list(accumulate(per_hour, initial=0.0)))

    def expected(self, since: dt.datetime, until: dt.datetime) -> float:
        """Return how often it was to be expected in a stretch of time."""
        return self._from_the_beginning(until) - self._from_the_beginning(since)

    def longest_silence(self, instants: Sequence[dt.datetime]) -> float:
        """Return the most that was to be expected between two of these instants, which are in order."""
        return max((self.expected(before, after) for before, after in pairwise(instants)), default=0.0)

    def _from_the_beginning(self, instant: dt.datetime) -> float:
        weeks, hour = divmod(_hours(instant, self.zone), HOURS)
        whole = int(hour)
        return weeks * self.until_hour[-1] + self.until_hour[whole] + (hour - whole) * self.per_hour[whole]


def _hours(instant: dt.datetime, zone: dt.tzinfo) -> float:
    """Return the hours on the clock of a zone since a Monday long ago."""
    return (instant.astimezone(zone).replace(tzinfo=dt.UTC) - _MONDAY) / _HOUR
