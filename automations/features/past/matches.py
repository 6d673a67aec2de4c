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
    """Occurrences in the order of their ids, oldest first; or moments at which records were due."""

    #: Of moments: the entries that say what was true, several of which may be the same one.
    ids: Ints
    #: Parallel to `ids`: the record of each, and when it was, in microseconds since 1970 in UTC.
    record_ids: Ints
    ats: Ints
    #: Whether two are the same by record and moment, as those of time triggers are.
    by_moment: bool = False

    def __len__(self) -> int:
        return len(self.ids)

    def __and__(self, other: Matches) -> Matches:
        return self.at(self._are_in(other))

    def __sub__(self, other: Matches) -> Matches:
        return self.at(~self._are_in(other))

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

    def order(self) -> Ints:
        """Return their places in order, oldest first."""
        order: Ints = np.lexsort((self.record_ids, self.ats)) if self.by_moment else np.argsort(self.ids)
        return order

    def is_in_order(self) -> bool:
        """Return whether each id is above the one before, so that they need not be sorted."""
        return not self.by_moment and bool(np.all(self.ids[1:] > self.ids[:-1]))

    def at(self, places: Mask | Ints) -> Matches:
        return Matches(self.ids[places], self.record_ids[places], self.ats[places], self.by_moment)

    def _are_in(self, other: Matches) -> Mask:
        if self.by_moment is not other.by_moment:
            return np.zeros(len(self), np.bool_)
        if not self.by_moment:
            return np.isin(self.ids, other.ids, assume_unique=True)
        size, numbers = len(self), np.zeros(len(self) + len(other), np.int64)
        for mine, theirs in ((self.record_ids, other.record_ids), (self.ats, other.ats)):
            distinct, places = np.unique(np.concatenate([mine, theirs]), return_inverse=True)
            numbers = numbers * len(distinct) + places
        return np.isin(numbers[:size], numbers[size:])


def none() -> Matches:
    """Return no occurrence at all."""
    nothing: Ints = np.empty(0, np.int64)
    return Matches(nothing, nothing, nothing)


def united(parts: Sequence[Matches]) -> Matches:
    """Return all of these, which have none in common."""
    filled = [part for part in parts if len(part)]
    found = joined(filled)
    return found if found.is_in_order() else found.at(found.order())


def joined(parts: Sequence[Matches]) -> Matches:
    """Return all of these one behind the other."""
    if len(parts) < 2:
        return parts[0] if parts else none()
    names = ("ids", "record_ids", "ats")
    ids, record_ids, ats = (np.concatenate([getattr(part, name) for part in parts]) for name in names)
    return Matches(ids, record_ids, ats, by_moment=parts[0].by_moment)


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
