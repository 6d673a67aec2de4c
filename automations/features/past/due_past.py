"""When a record was due in the past by one schedule, and since when that can be known."""

from __future__ import annotations

import datetime as dt
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import takewhile
from zoneinfo import ZoneInfo

from automations.engine.rules.calendar import due_between, times
from automations.engine.rules.lateness import GRACE
from automations.engine.rules.trigger_schedule import Scheduled
from automations.features.past.segment_past import SegmentPast
from automations.features.past.stretches import Stretch, Watch
from automations.features.past.timelines import BEGINNING, END, Entry, Timeline

#: The shortest time there is.
SHORTLY = dt.timedelta.resolution


@dataclass(frozen=True, slots=True)
class DueOnce:
    """One time at which a record was due: looked at `at`, for the instant `due_at`, and what it was then."""

    at: dt.datetime
    due_at: dt.datetime
    entry: Entry


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

    def due(self, timeline: Timeline, known: KnownPast) -> list[DueOnce]:
        """Return when a record was due, in order; notes in `known` until when that cannot be said."""
        times: dict[tuple[dt.datetime, dt.datetime], DueOnce] = {}
        unknown = max((min(ended, self._end) for _, ended in timeline.holes()), default=BEGINNING)
        for stretch in self.watch.stretches(timeline):
            if not stretch.recorded:
                unknown = max(unknown, self._possible_until(stretch))
                continue
            for at, due_at in (*self._on_time(stretch), *self._late(stretch)):
                entry = timeline.at(at)
                if entry is None:
                    unknown = max(unknown, at + SHORTLY)
                elif at - due_at > GRACE or (due_at, due_at) not in times:
                    times[at, due_at] = DueOnce(at, due_at, entry)
        known.unknown(unknown)
        return sorted(times.values(), key=lambda once: once.at)

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
    instants: Sequence[dt.datetime] = field(init=False)

    def __post_init__(self) -> None:
        regular = times(self.schedule, self.since - SHORTLY, self.zone)
        self.instants = list(takewhile(lambda instant: instant < self.until, regular))

    def due(self, timeline: Timeline, known: KnownPast) -> list[DueOnce]:
        """Return when a record was due, in order; notes in `known` until when that cannot be said."""
        due: dict[dt.datetime, DueOnce] = {}
        for entry in timeline.entries:
            # What it was at its own instant is known even where a hole follows.
            last = max(entry.until - SHORTLY, entry.at)
            places = (bisect_left(self.instants, entry.at), bisect_right(self.instants, last))
            due |= {at: DueOnce(at, at, entry) for at in self.instants[slice(*places)]}
        possible = self.instants[bisect_left(self.instants, timeline.row["created_at"]) :]
        if self.segment:
            possible = [at for at in possible if self.segment.belonged(timeline.record_id, at)]
            known.until = max(known.until, self.segment.known_from)
        unknown = [at for at in possible if at not in due]
        if unknown:
            known.unknown(unknown[-1] + SHORTLY)
        return [due[at] for at in possible if at in due]


Times = DateTimes | RegularTimes
