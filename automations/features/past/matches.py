"""The occurrences at which a rule would have fired, as a set that is cheap to count and to compare."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from automations.features.past.arrays import Ints, Mask, np
from automations.features.past.period import BEGINNING, Period, begins_of, days_between

_MICROSECOND = dt.timedelta(microseconds=1)
#: Ids this close together are counted with one flag each, which is many times faster than sorting them.
_DENSE = 64


@dataclass(frozen=True, slots=True, eq=False)
class Matches:
    """Occurrences in the order of their ids, oldest first."""

    ids: Ints
    #: Parallel to `ids`: the record of each, and when it was, in microseconds since 1970 in UTC.
    record_ids: Ints
    ats: Ints

    def __len__(self) -> int:
        return len(self.ids)

    def __and__(self, other: Matches) -> Matches:
        return self._where(np.isin(self.ids, other.ids, assume_unique=True))

    def __sub__(self, other: Matches) -> Matches:
        return self._where(np.isin(self.ids, other.ids, assume_unique=True, invert=True))

    def __or__(self, other: Matches) -> Matches:
        return united([self, other - self])

    def records(self) -> int:
        """Return the number of distinct records."""
        return distinct(self.record_ids)

    def newest(self, count: int) -> list[int]:
        """Return the ids of the last `count` occurrences, newest first."""
        return [int(id) for id in self.ids[::-1][:count]]

    def per_day(self, zone: ZoneInfo, period: Period) -> list[tuple[dt.date, int]]:
        """Return the number of occurrences on each local day of the period, days without one included.

        A period of all that is kept begins on the day of the first occurrence.
        """
        since = period.since
        if period.days is None:
            if not len(self):
                return []
            since = moment_of(int(self.ats.min()))
        return per_day(self.ats, zone, since, period.until)

    def _where(self, mask: Mask) -> Matches:
        return Matches(self.ids[mask], self.record_ids[mask], self.ats[mask])


def none() -> Matches:
    """Return no occurrence at all."""
    return Matches(*(np.empty(0, np.int64) for _ in range(3)))


def united(parts: Sequence[Matches]) -> Matches:
    """Return all of these, which have no occurrence in common."""
    filled = [part for part in parts if len(part)]
    if len(filled) < 2:
        return filled[0] if filled else none()
    ids, record_ids, ats = (
        np.concatenate([getattr(part, name) for part in filled]) for name in ("ids", "record_ids", "ats")
    )
    order = np.argsort(ids, kind="stable")
    return Matches(ids[order], record_ids[order], ats[order])


def distinct(numbers: Ints) -> int:
    """Return how many different numbers there are."""
    if not len(numbers):
        return 0
    low, high = int(numbers.min()), int(numbers.max())
    if high - low > _DENSE * len(numbers) + 1024:
        return len(np.unique(numbers))
    seen = np.zeros(high - low + 1, np.bool_)
    seen[numbers - low] = True
    return int(np.count_nonzero(seen))


def per_day(ats: Ints, zone: ZoneInfo, since: dt.datetime, until: dt.datetime) -> list[tuple[dt.date, int]]:
    """Return the number of these instants on each local day from `since` to `until`."""
    days = days_between(since, until, zone)
    bounds = np.array([microseconds(begin) for begin in begins_of(days, zone)[1:]], np.int64)
    places = np.searchsorted(bounds, ats, side="right")
    counts = np.bincount(places, minlength=len(days))
    return [(day, int(count)) for day, count in zip(days, counts, strict=True)]


def microseconds(moment: dt.datetime) -> int:
    """Return the microseconds from 1970 to an aware instant."""
    return (moment - BEGINNING) // _MICROSECOND


def moment_of(microseconds: int) -> dt.datetime:
    """Return the instant so many microseconds after 1970."""
    return BEGINNING + dt.timedelta(microseconds=microseconds)
