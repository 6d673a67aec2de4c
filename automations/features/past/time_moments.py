"""When an automation with a time trigger would have been due in the recorded past, and would have fired.

Each record's log says what its dates and statuses were, and so when it was due; the entry of then says
whether the conditions held. It is what the scan does while an automation is on, asked afterwards: see
features.scheduling.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.engine.fields.subject import Field
from automations.engine.fields.subjects import SUBJECTS
from automations.engine.rules.rule import Rule
from automations.engine.rules.trigger_schedule import DateReached, Scheduled, StaysInStatus
from automations.engine.rules.typed_rule import typed_nodes
from automations.features.past.arrays import Mask, np
from automations.features.past.due_past import DateTimes, KnownPast, RegularTimes, Times
from automations.features.past.due_table import DueTable
from automations.features.past.judge_columns import all_of, judge, matching
from automations.features.past.matches import Matches, moment_of, united
from automations.features.past.period import Period
from automations.features.past.records_then import RecordsThen
from automations.features.past.segment_past import SegmentPast
from automations.features.past.stretches import DateWatch, StatusWatch, Watch
from automations.features.past.timelines import BEGINNING, timelines
from automations.models.settings.log_retention import complete_since
from automations.models.tables.custom_field import fields_of
from automations.models.tables.occurrence import Occurrence
from automations.models.tables.store import Store


class NotTimed(ValueError):
    """The rule has no time trigger, or counts from a date that no record keeps."""


@dataclass(frozen=True, slots=True)
class DueMoment:
    """One time at which a record was due, and the newest entry of its log then: what was true."""

    at: dt.datetime
    record_id: int
    #: 0 where that entry is no longer kept, and the record has been as it is now since before.
    occurrence_id: int
    #: The instant it was due for: earlier than `at` if that was over when the date was set.
    due_at: dt.datetime


@dataclass(frozen=True, slots=True)
class DuePast:
    """The due moments of a period, oldest first."""

    moments: list[DueMoment]
    #: Since when all of them are known; None if they are from the beginning of the period.
    known_from: dt.datetime | None = None
    #: The number of records of which something is not known in the period.
    unknown: int = 0


class TimedPast:
    """The recorded past of one rule with a time trigger, read once."""

    def __init__(
        self, session: Session, store: Store, rule: Rule, period: Period, now: dt.datetime | None = None
    ) -> None:
        """`now` ends a period that is not over yet. Raises NotTimed."""
        self._session, self._store, self._rule = session, store, rule
        self.custom = fields_of(session, store.id, removed=True).get(rule.subject)
        now = now or dt.datetime.now(dt.UTC)
        self._complete = complete_since(store, now) or BEGINNING
        self._since, self._until = max(period.since, _beginning(session, store)), min(period.until, now)
        self._known = KnownPast(self._since)
        self._zone = ZoneInfo(store.timezone)
        self._times = self._times_of(rule.trigger.schedule)

    @property
    def known_from(self) -> dt.datetime | None:
        """Since when all due moments are known, once they were read; None for the whole period."""
        return self._known.until if self._known.until > self._since else None

    @property
    def unknown(self) -> int:
        """The number of records of which something is not known, once all were read."""
        return self._known.records

    def tables(self) -> Iterator[DueTable]:
        """Yield every due moment with what was true then, some records at a time."""
        records = RecordsThen(self._session, self._store, self._rule, self.custom)
        for lines in timelines(
            self._session, self._store, self._rule.subject, self._until, self._times.columns
        ):
            due = [(line, self._times.due(line, self._known)) for line in lines]
            if any(len(times) for _, times in due):
                yield records.table(due, self._until)

    def fired(self, rule: Rule) -> Iterator[tuple[DueTable, Mask]]:
        """Yield the tables, and where a rule with this trigger fires: each instant of a record once."""
        nodes = typed_nodes(rule, self.custom)
        for table in self.tables():
            fires = matching(all_of([judge(table, node) for node in nodes], len(table)))
            yield table, fires & table.once(fires)

    def matches(self, rule: Rule) -> Matches:
        """Return where a rule with this trigger fires, oldest first."""
        return united([table.matches(mask) for table, mask in self.fired(rule)])

    def _times_of(self, schedule: object) -> Times:
        if isinstance(schedule, Scheduled):
            return RegularTimes(schedule, self._since, self._until, self._zone, self._segment(schedule))
        watch = self._watch(schedule)
        return DateTimes(watch, self._since, self._until, self._zone, self._complete)

    def _watch(self, schedule: object) -> Watch:
        if isinstance(schedule, StaysInStatus):
            return StatusWatch(schedule, self._complete)
        field = self._fields.get(schedule.field) if isinstance(schedule, DateReached) else None
        if field is None or not isinstance(schedule, DateReached):
            raise NotTimed("This automation does not wait for a time.")
        return DateWatch(schedule, field, self._complete)

    def _segment(self, schedule: Scheduled) -> SegmentPast | None:
        id = schedule.segment
        return SegmentPast(self._session, self._store, int(id), self._since) if id else None

    @property
    def _fields(self) -> dict[str, Field]:
        return {**SUBJECTS[self._rule.subject].fields, **(self.custom or {})}


def due_moments(
    session: Session, store: Store, rule: Rule, period: Period, now: dt.datetime | None = None
) -> DuePast:
    """Return when records were due in the period, whether the conditions held or not. Raises NotTimed."""
    past = TimedPast(session, store, rule, period, now)
    moments = _in_order([(table, np.ones(len(table), np.bool_)) for table in past.tables()])
    return DuePast(moments, past.known_from, past.unknown)


def time_matches(
    session: Session, store: Store, rule: Rule, period: Period, now: dt.datetime | None = None
) -> list[DueMoment]:
    """Return those at which the rule would have fired, each instant of a record once. Raises NotTimed."""
    return _in_order(TimedPast(session, store, rule, period, now).fired(rule))


def _in_order(found: Iterable[tuple[DueTable, Mask]]) -> list[DueMoment]:
    moments = [
        DueMoment(moment_of(at), record_id, id, moment_of(due_at))
        for table, mask in found
        for at, record_id, id, due_at in zip(
            *(of[mask].tolist() for of in (table.ats, table.record_ids, table.ids, table.due_ats)),
            strict=True,
        )
    ]
    return sorted(moments, key=lambda moment: (moment.at, moment.record_id))


def _beginning(session: Session, store: Store) -> dt.datetime:
    """Return since when there is anything to know about the store."""
    first = sa.select(sa.func.min(Occurrence.at)).where(Occurrence.store_id == store.id)
    # A restored shop, and the sample shop, have a log from before they were made.
    return min(store.created_at, session.scalar(first) or store.created_at)
