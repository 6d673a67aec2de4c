"""When a record was due in the past by one schedule, and since when that can be known."""

from __future__ import annotations

import datetime as dt
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import takewhile
from zoneinfo import ZoneInfo

from automations.engine.rules.calendar import due_between, times
from automations.engine.rules.lateness import GRACE
from automations.engine.rules.trigger_schedule import Scheduled
from automations.features.past.arrays import Ints, np
from automations.features.past.matches import microseconds, moment_of
from automations.features.past.segment_past import SegmentPast
from automations.features.past.stretches import Stretch, Watch
from automations.features.past.timelines import BEGINNING, END, Timeline

#: The shortest time there is.
SHORTLY = dt.timedelta.resolution
#: In place of an entry where what the record was is not known.
_UNKNOWN = -1


@dataclass(frozen=True, slots=True)
class DueTimes:
    """The times at which one record was due, oldest first, in microseconds since 1970."""

    #: The places of the entries of its log that say what it was.
    places: Ints
    #: When it was looked at, and the instant it was due for.
    ats: Ints
    due_ats: Ints

    def __len__(self) -> int:
        return len(self.places)


@dataclass(slots=True)
class KnownPast:
    """Since when the past of all records can be known, and how many records it was not known of."""

    since: dt.datetime
    records: int = 0
    until: dt.datetime = BEGINNING

    def unknown(self, until: dt.datetime) -> None:
        """Note that it is not known what was due for one record before `until`."""
        if until > self.since:
            self.records += 1
            self.until = max(self.until, until)


@dataclass(frozen=True, slots=True)
class DateTimes:
    """The times at which a record is due that waits for a date, or for a status to last."""

    watch: Watch
    #: Half-open.
    since: dt.datetime
    until: dt.datetime
    zone: ZoneInfo
    complete_since: dt.datetime

    @property
    def columns(self) -> Sequence[str]:
        """The columns of a record that it asks about."""
        return self.watch.columns

    def due(self, timeline: Timeline, known: KnownPast) -> DueTimes:
        """Return when a record was due; notes in `known` until when that cannot be said."""
        times: dict[tuple[dt.datetime, dt.datetime], int] = {}
        unknown = max((min(ended, self._end) for _, ended in timeline.holes()), default=BEGINNING)
        for stretch in self.watch.stretches(timeline):
            if not stretch.recorded:
                unknown = max(unknown, self._possible_until(stretch))
                continue
            for at, due_at in (*self._on_time(stretch), *self._late(stretch)):
                place = timeline.place_at(at)
                if place is None:
                    unknown = max(unknown, at + SHORTLY)
                elif at - due_at > GRACE or (due_at, due_at) not in times:
                    times[at, due_at] = place
        known.unknown(unknown)
        return _in_order(times)

    @property
    def _end(self) -> dt.datetime:
        """Until when changes can be missing."""
        return self.until if self.complete_since == BEGINNING else min(self.complete_since, self.until)

    def _on_time(self, stretch: Stretch) -> Iterator[tuple[dt.datetime, dt.datetime]]:
        begun = stretch.begun - GRACE if stretch.set_then else stretch.begun
        low, high = max(begun, self.since) - SHORTLY, min(stretch.ended, self.until) - SHORTLY
        for due_at in due_between(self.watch.counted, stretch.anchor, low, high, self.zone):
            at = max(due_at, stretch.begun)
            if at < min(stretch.ended, self.until):
                yield at, due_at

    def _late(self, stretch: Stretch) -> Iterator[tuple[dt.datetime, dt.datetime]]:
        """Yield the last time that was over when the date was set, if it may be that late."""
        limit, at = self.watch.counted.late_limit, stretch.begun
        if not limit or not stretch.set_then or not self.since <= at < self.until or at >= stretch.ended:
            return
        low, high = at - limit - SHORTLY, at - GRACE - SHORTLY
        over = due_between(self.watch.counted, stretch.anchor, low, high, self.zone)
        if over:
            yield at, over[-1]

    def _possible_until(self, stretch: Stretch) -> dt.datetime:
        """Return until when a record may have been due that is not known to have been."""
        begun, ended = max(stretch.begun, self.since), min(stretch.ended, self.until)
        high = END if stretch.at_latest else ended - SHORTLY
        instants = due_between(self.watch.counted, stretch.anchor, begun - SHORTLY, high, self.zone)
        return min(ended, instants[-1] + SHORTLY) if instants and begun < ended else BEGINNING


@dataclass(slots=True)
class RegularTimes:
    """The times of a daily, weekly or monthly schedule, at each of which every record is due."""

    schedule: Scheduled
    since: dt.datetime
    until: dt.datetime
    zone: ZoneInfo
    #: Whose members alone are due.
    segment: SegmentPast | None = None
    #: The columns of a record that it asks about.
    columns: Sequence[str] = ()
    instants: list[int] = field(init=False)
    _array: Ints = field(init=False)

    def __post_init__(self) -> None:
        regular = times(self.schedule, self.since - SHORTLY, self.zone)
        before_the_end = takewhile(lambda instant: instant < self.until, regular)
        self.instants = [microseconds(instant) for instant in before_the_end]
        self._array = np.array(self.instants, np.int64)

    def due(self, timeline: Timeline, known: KnownPast) -> DueTimes:
        """Return when a record was due; notes in `known` until when that cannot be said."""
        places = np.full(len(self.instants), _UNKNOWN, np.int64)
        for place, entry in enumerate(timeline.entries):
            # What it was at its own instant is known even where a hole follows.
            last = max(entry.until - SHORTLY, entry.at)
            first, end = microseconds(entry.at), microseconds(last)
            places[bisect_left(self.instants, first) : bisect_right(self.instants, end)] = place
        possible = np.ones(len(self.instants), np.bool_)
        possible[: bisect_left(self.instants, microseconds(timeline.row["created_at"]))] = False
        if self.segment:
            possible &= self.segment.belonged(timeline.record_id, self._array)
            known.until = max(known.until, self.segment.known_from)
        unknown = np.flatnonzero(possible & (places == _UNKNOWN))
        if len(unknown):
            known.unknown(moment_of(self.instants[int(unknown[-1])]) + SHORTLY)
        due = np.flatnonzero(possible & (places != _UNKNOWN))
        ats = self._array[due]
        return DueTimes(places[due], ats, ats)


def _in_order(times: Mapping[tuple[dt.datetime, dt.datetime], int]) -> DueTimes:
    found = sorted(times.items(), key=lambda time: time[0][0])
    moments = np.array([(microseconds(at), microseconds(due_at)) for (at, due_at), _ in found], np.int64)
    ats, due_ats = moments.reshape(-1, 2).T
    return DueTimes(np.array([place for _, place in found], np.int64), ats, due_ats)


Times = DateTimes | RegularTimes
